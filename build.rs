//! Makes Rust of `proto/user.proto`: messages by prost, stubs by tonic. protox reads the file, so no
//! `protoc` is needed.

#![allow(
    clippy::print_stdout,
    reason = "a build script talks to Cargo by printing"
)]

use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=proto/user.proto");
    let files = protox::compile(["user.proto"], ["proto"])?;
    tonic_prost_build::configure()
        .build_transport(false)
        // The same record is spoken in JSON by the REST service.
        .type_attribute(
            "user.User",
            "#[derive(::serde::Serialize, ::serde::Deserialize)]\n\
             #[serde(default, deny_unknown_fields)]",
        )
        .compile_fds(files)?;
    Ok(())
}
