//! What the end of a connection means.

use super::{Course, Ending, Visit};
use crate::osi::application::{report::CloseResult, spec::WebSocketMode, websocket::talk::Over};

impl Visit<'_> {
    /// What the end of a connection means.
    pub(super) fn judge(mut self, over: Over, course: &Course) -> Ending {
        let (error, ending) = match &over {
            Over::Lost(why) => (Some(why.clone()), Ending::Broken),
            Over::Faulted(fault) => {
                let why = format!("the server broke the protocol: {}", fault.why);
                (Some(why), Ending::Done)
            }
            Over::Closed { by_us: true, .. } => (None, Ending::Done),
            Over::Closed { code, reason, .. } => self.closed_by_server(*code, reason, course),
        };
        let close = match over {
            Over::Lost(_) => None,
            Over::Faulted(fault) => Some(CloseResult {
                code: Some(fault.code),
                reason: fault.why.to_owned(),
                by_client: true,
            }),
            Over::Closed {
                code,
                reason,
                by_us,
            } => Some(CloseResult {
                code,
                reason,
                by_client: by_us,
            }),
        };
        self.open.update(|r| r.close = close);
        self.end(error);
        ending
    }

    /// A server may close when all is said, with 1000 or 1001. Anything else is an error; those
    /// that say "come again" make the client do so (the IANA registry: 1001 going away, 1012
    /// service restart, 1013 try again later).
    fn closed_by_server(
        &self,
        code: Option<u16>,
        reason: &str,
        course: &Course,
    ) -> (Option<String>, Ending) {
        let is_complete = match self.spec.mode {
            WebSocketMode::Ticker => course.heard >= self.spec.count,
            WebSocketMode::Echo | WebSocketMode::Chat => course.sent >= self.spec.count,
        };
        if is_complete && matches!(code, None | Some(1000 | 1001)) {
            return (None, Ending::Done);
        }
        let number = code.map_or_else(|| "without a code".to_owned(), |c| format!("with {c}"));
        let colon = if reason.is_empty() { "" } else { ": " };
        let why = format!("the server closed {number}{colon}{reason}");
        let again = matches!(code, Some(1001 | 1011 | 1012 | 1013));
        let ending = if again { Ending::Broken } else { Ending::Done };
        (Some(why), ending)
    }
}
