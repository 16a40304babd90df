//! One part under callgrind, and what it counted.

use std::{env, fs, process::Command};

/// Makes this program run the one part whose name follows, and print its number of operations.
pub(crate) const ONE_PART: &str = "--one-part";

/// Instructions per operation of the part called `name`.
pub(crate) fn instructions(name: &str) -> Result<f64, String> {
    let folder = tempfile::tempdir().map_err(|e| e.to_string())?;
    let file = folder.path().join("callgrind.out");
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--quiet"])
        .arg("--toggle-collect=*instructions::counted*")
        .arg(format!("--callgrind-out-file={}", file.display()))
        .arg(env::current_exe().map_err(|e| e.to_string())?)
        .args([ONE_PART, name])
        // The size of the environment decides where the stack begins; let it not matter.
        .env_clear()
        .output()
        .map_err(|e| format!("valgrind does not start ({e}); scripts/setup.sh installs it"))?;
    let words = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    if !output.status.success() {
        return Err(words(&output.stderr));
    }
    let operations = words(&output.stdout);
    let operations: f64 = operations.trim().parse().map_err(|_| operations.clone())?;
    let profile = fs::read_to_string(&file).map_err(|e| e.to_string())?;
    Ok(total(&profile)? / operations)
}

/// The last line of a callgrind file that counts everything: `totals: 123`.
fn total(profile: &str) -> Result<f64, String> {
    let mut lines = profile.lines().rev();
    let total = lines.find_map(|line| line.strip_prefix("totals: "));
    match total.and_then(|count| count.trim().parse().ok()) {
        Some(0.0) | None => Err("callgrind counted nothing".to_owned()),
        Some(count) => Ok(count),
    }
}
