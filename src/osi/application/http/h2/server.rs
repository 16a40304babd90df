//! The server: answers by its routes, pushes what they say, and says goodbye.

use std::sync::Arc;

use bytes::Bytes;
use h2::{
    Reason, RecvStream,
    server::{Builder, SendResponse},
};
use hyper::{Method, Request, Response, Uri};

use super::{FOREVER, send};
use crate::osi::{
    application::{
        http::{body::ContentBody, rest::Kept, server::Server},
        spec::Http2Server,
    },
    presentation::Channel,
};

/// One connection, until either side closes it.
pub(in crate::osi::application::http) async fn serve(
    server: Arc<Server>,
    spec: Http2Server,
    channel: Channel,
) {
    let mut builder = Builder::new();
    builder.reset_stream_duration(FOREVER);
    if let Some(most) = spec.max_streams {
        builder.max_concurrent_streams(most);
    }
    let Ok(mut connection) = builder.handshake(channel).await else {
        return;
    };
    let mut count = 0;
    while let Some(Ok((request, respond))) = connection.accept().await {
        let host = server.host.clone();
        drop(host.spawn(answer(Arc::clone(&server), request, respond)));
        count += 1;
        if spec.goaway_after == Some(count) {
            connection.graceful_shutdown();
        }
    }
}

/// One request. What breaks here is the client's to tell of.
async fn answer(server: Arc<Server>, request: Request<RecvStream>, mut to: SendResponse<Bytes>) {
    let (head, mut body) = request.into_parts();
    let mut content = Kept::default();
    while let Some(Ok(data)) = body.data().await {
        content.add(&data);
        let _ = body.flow_control().release_capacity(data.len());
    }
    let host = server.host.clone();
    // Promises come before the response that makes a client ask for what they promise.
    for path in server.pushes(&head) {
        if let Some(request) = promised(&head.uri, &path)
            && let wanted = request.clone()
            && let Ok(mut pushed) = to.push_request(request)
        {
            let server = Arc::clone(&server);
            let work = async move {
                let (head, ()) = wanted.into_parts();
                let Some(response) = server.whole(&head, Kept::default()).await else {
                    return pushed.send_reset(Reason::INTERNAL_ERROR);
                };
                let (head, body) = response.into_parts();
                let is_empty = body.is_empty();
                let response = Response::from_parts(head, ());
                if let Ok(stream) = pushed.send_response(response, is_empty) {
                    let _ = send(stream, body).await;
                }
            };
            drop(host.spawn(work));
        }
    }
    let is_head = head.method == Method::HEAD;
    match server.whole(&head, content).await {
        Some(response) => respond(&mut to, response, is_head).await,
        None => to.send_reset(Reason::INTERNAL_ERROR),
    }
}

async fn respond(to: &mut SendResponse<Bytes>, response: Response<ContentBody>, is_head: bool) {
    let (head, body) = response.into_parts();
    let is_empty = is_head || body.is_empty();
    if let Ok(stream) = to.send_response(Response::from_parts(head, ()), is_empty)
        && !is_empty
    {
        let _ = send(stream, body).await;
    }
}

/// The request that a promise answers: a GET of `path` beside `uri`.
fn promised(uri: &Uri, path: &str) -> Option<Request<()>> {
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = path.parse().ok();
    let uri = Uri::from_parts(parts).ok()?;
    Request::get(uri).body(()).ok()
}
