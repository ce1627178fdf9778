//! A rehearsal's own controls, under `/_sim/`: what no platform offers, and what a person or script who rehearses
//! needs. In: JSON. Out: JSON. `GET state|writes|requests` looks; `POST comment|edit|delete|hide|unhide|rename|fault`
//! interferes; `DELETE fault/KEY` ends a fault. Never given out: what the scenario's authors meant by their words.

use serde::Deserialize;
use serde_json::{Value, json};

use super::fault::FaultRule;
use super::scenario::{CommentScript, HiddenBy};
use super::wire::{Answer, Ask, Reply};
use super::world::World;

pub(super) const PREFIX: &str = "/_sim/";

/// Somebody does something to a comment, named by its key or id.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Interference {
    comment: String,
    text: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rename {
    author: String,
    to: String,
}

impl World {
    pub(super) fn control(&mut self, ask: &Ask) -> Reply {
        let (status, value) = match self.controlled(ask) {
            Ok(value) => (200, value),
            Err(message) => (400, json!({"error": message})),
        };
        let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
        Reply::Answer(Answer { status, headers, body: value.to_string().into_bytes() })
    }

    fn controlled(&mut self, ask: &Ask) -> Result<Value, String> {
        let what = ask.path.strip_prefix(PREFIX).unwrap_or_default();
        match (ask.method.as_str(), what) {
            ("GET", "state") => Ok(self.state()),
            ("GET", "writes") => Ok(self
                .writes()
                .iter()
                .map(|write| {
                    json!({"at": write.at.to_string(),
                "platform": write.platform.id(), "act": format!("{:?}", write.act), "target": write.target,
                "done": write.done})
                })
                .collect()),
            ("GET", "requests") => Ok(self
                .requests()
                .iter()
                .map(|seen| {
                    json!({"at": seen.at.to_string(),
                "method": seen.method, "path": seen.path, "route": seen.route, "authorised": seen.authorised,
                "status": seen.status, "code": seen.code})
                })
                .collect()),
            ("POST", "comment") => {
                let id = self.add_comment(&read::<CommentScript>(ask)?).ok_or("its post or parent is not there")?;
                Ok(json!({"id": id}))
            }
            ("POST", "fault") => {
                self.fault_on(read::<FaultRule>(ask)?);
                Ok(json!({}))
            }
            ("POST", "rename") => {
                let rename: Rename = read(ask)?;
                found(self.rename_author(&rename.author, &rename.to))
            }
            ("POST", act) => self.interfere(act, &read::<Interference>(ask)?),
            ("DELETE", other) => found(other.strip_prefix("fault/").is_some_and(|key| self.fault_off(key))),
            _ => Err("no such control".into()),
        }
    }

    fn interfere(&mut self, act: &str, with: &Interference) -> Result<Value, String> {
        found(match act {
            "edit" => self.edit(&with.comment, with.text.as_deref().ok_or("text is missing")?),
            "delete" => self.delete_by_author(&with.comment),
            "hide" => self.hide_by_hand(&with.comment),
            "unhide" => self.unhide_by_hand(&with.comment),
            _ => return Err("no such control".into()),
        })
    }

    fn state(&self) -> Value {
        let posts = self.posts().iter().map(|post| {
            json!({"key": post.key, "id": post.id, "platform": post.platform.id(),
            "page": post.page, "text": post.text, "hidden": post.hidden, "deleted": post.deleted})
        });
        let comments = self.comments().iter().map(|one| {
            json!({"key": one.key, "id": one.id,
            "platform": one.platform.id(), "post": one.post, "parent": one.parent, "text": one.text,
            "author": self.name_of(one.platform, &one.author), "by_page": one.by_page,
            "created": one.created.to_string(),
            "hidden": one.hidden != HiddenBy::None, "gone": one.gone.map(|gone| format!("{gone:?}"))})
        });
        json!({"now": self.now.to_string(), "posts": posts.collect::<Value>(), "comments": comments.collect::<Value>()})
    }
}

fn read<T: for<'de> Deserialize<'de>>(ask: &Ask) -> Result<T, String> {
    serde_json::from_slice(&ask.body).map_err(|error| error.to_string())
}

fn found(there: bool) -> Result<Value, String> {
    there.then(|| json!({})).ok_or_else(|| "it is not there".to_owned())
}
