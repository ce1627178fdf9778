//! What machines ask: whether the daemon is well, and its numbers. In: a request from this machine itself. Out: JSON, or
//! Prometheus' text. Neither holds anything personal, and nobody signs in for them; through the proxy they are not there.
//! Not here: what is healthy, and which numbers there are (`metrics`).

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};

use super::Console;
use super::door::is_this_machine;
use crate::metrics::exposition;

pub(super) async fn healthz(State(console): State<Arc<Console>>, headers: HeaderMap) -> Response {
    if !is_this_machine(&console, &headers) {
        return StatusCode::NOT_FOUND.into_response();
    }
    let health = console.parts.board.health(console.now()).await;
    let status = StatusCode::from_u16(health.http_status()).unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
    (status, [(header::CONTENT_TYPE, "application/json")], health.to_json()).into_response()
}

pub(super) async fn metrics(State(console): State<Arc<Console>>, headers: HeaderMap) -> Response {
    if !is_this_machine(&console, &headers) {
        return StatusCode::NOT_FOUND.into_response();
    }
    let text = console.parts.board.to_prometheus(console.now()).await;
    ([(header::CONTENT_TYPE, exposition::CONTENT_TYPE)], text).into_response()
}
