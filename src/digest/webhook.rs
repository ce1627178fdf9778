//! The shapes that incoming webhooks want: our own JSON, Slack's blocks, Teams' Adaptive Card. In: a subject, lines and
//! links, none of them a word of a comment or of its author. Out: a JSON body. Everything goes into fields that the
//! receiver shows as it is, and links are made by us alone, so that nothing in a page's name or an address can become a
//! link, a mention or markup. Not here: sending, and what is said.

use serde_json::{Value, json};

/// What sort of incoming webhook a URL is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum WebhookKind {
    /// Our own JSON: `subject`, `text`, `incidents`.
    #[default]
    Plain,
    /// Slack: `blocks`, and `text` for notifications.
    Slack,
    /// Teams workflows: an Adaptive Card in `attachments`.
    Teams,
}

/// A few lines without a word of the comments, and where to go from there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Brief {
    /// What there is to say.
    pub lines: Vec<String>,
    /// Words and address.
    pub links: Vec<(String, String)>,
}

impl Brief {
    /// All of it as lines, each link's address on a line of its own.
    pub fn text(&self) -> String {
        self.lines.iter().chain(self.links.iter().map(|(_, link)| link)).cloned().collect::<Vec<_>>().join("\n")
    }
}

/// What an incoming webhook of this kind wants to read.
pub fn body(kind: WebhookKind, subject: &str, brief: &Brief, numbers: &[i64]) -> Value {
    match kind {
        WebhookKind::Plain => json!({"subject": subject, "text": brief.text(), "incidents": numbers}),
        WebhookKind::Slack => slack(subject, brief),
        WebhookKind::Teams => teams(subject, brief),
    }
}

/// The most characters of a header block (docs.slack.dev, header block).
const SLACK_HEADER: usize = 150;

/// The most characters of a text object (docs.slack.dev, text object), with room to spare.
const SLACK_TEXT: usize = 2900;

/// The most links that are shown: Teams shows six actions, and nobody follows more from a chat.
const LINKS: usize = 6;

/// `plain_text` is shown as it is: no mention, no link, no channel is made of it. The `text` beside the blocks is for
/// notifications, and is read as markup, so its three marks are escaped.
fn slack(subject: &str, brief: &Brief) -> Value {
    let plain = |text: &str| json!({"type": "plain_text", "text": text, "emoji": false});
    let mut blocks = vec![json!({"type": "header", "text": plain(&cut(subject, SLACK_HEADER))})];
    blocks.extend(chunks(&brief.lines).iter().map(|text| json!({"type": "section", "text": plain(text)})));
    let link = |(words, link): &(String, String)| {
        // Within <…> a bar ends the address.
        format!("<{}|{}>", slack_escaped(link).replace('|', "%7C"), slack_escaped(words))
    };
    let links: Vec<String> = brief.links.iter().take(LINKS).map(link).collect();
    if !links.is_empty() {
        let text = links.join("\n");
        blocks.push(json!({"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": true}}));
    }
    json!({"text": slack_escaped(subject), "blocks": blocks, "unfurl_links": false, "unfurl_media": false})
}

/// Slack reads `&`, `<` and `>` as its own marks.
fn slack_escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Lines put together to texts that Slack takes.
fn chunks(lines: &[String]) -> Vec<String> {
    let mut chunks: Vec<String> = Vec::new();
    for line in lines {
        let line = cut(line, SLACK_TEXT);
        match chunks.last_mut() {
            Some(last) if last.chars().count() + 1 + line.chars().count() <= SLACK_TEXT => {
                last.push('\n');
                last.push_str(&line);
            }
            _ if !line.is_empty() => chunks.push(line),
            _ => {}
        }
    }
    chunks
}

fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most - 1).chain(['…']).collect()
}

/// Rich text blocks are shown as they are: only plain text blocks are read as Markdown (learn.microsoft.com, Adaptive
/// Cards, text features).
fn teams(subject: &str, brief: &Brief) -> Value {
    let block = |run: Value| json!({"type": "RichTextBlock", "inlines": [run]});
    let mut body = vec![block(json!({"type": "TextRun", "text": subject, "weight": "Bolder", "size": "Medium"}))];
    body.extend(brief.lines.iter().map(|line| block(json!({"type": "TextRun", "text": line}))));
    let action = |(words, link): &(String, String)| json!({"type": "Action.OpenUrl", "title": words, "url": link});
    let actions: Vec<Value> = brief.links.iter().take(LINKS).map(action).collect();
    json!({
        "type": "message",
        "attachments": [{
            "contentType": "application/vnd.microsoft.card.adaptive",
            "contentUrl": null,
            "content": {
                "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
                "type": "AdaptiveCard",
                "version": "1.4",
                "body": body,
                "actions": actions,
                "msteams": {"width": "Full"},
            },
        }],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOSTILE: &str =
        "<!channel> <@U1> <https://evil.example|click> *b* _i_ [t](https://evil.example) &amp; `x` <at>All</at>";

    fn brief() -> Brief {
        Brief {
            lines: vec![HOSTILE.to_owned()],
            links: vec![(HOSTILE.to_owned(), "https://a.example/x|y?a=1&b=2".to_owned())],
        }
    }

    /// Every text that the receiver reads as markup.
    fn marked_up(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(fields) => {
                let kind = fields.get("type").and_then(Value::as_str);
                let is_markup = matches!(kind, Some("mrkdwn" | "TextBlock")) || fields.contains_key("blocks");
                let text = fields.get("text").and_then(Value::as_str).filter(|_| is_markup);
                found.extend(text.map(str::to_owned));
                fields.values().for_each(|field| marked_up(field, found));
            }
            Value::Array(items) => items.iter().for_each(|item| marked_up(item, found)),
            _ => {}
        }
    }

    #[test]
    fn in_slack_hostile_words_make_no_mention_and_no_link() {
        let mut found = Vec::new();
        marked_up(&body(WebhookKind::Slack, HOSTILE, &brief(), &[1]), &mut found);
        assert_eq!(found.len(), 2, "the notification and the links: {found:#?}");
        for text in &found {
            assert!(!text.contains("<!") && !text.contains("<@") && !text.contains("<https://evil"), "{text}");
        }
        assert!(found.iter().any(|text| text.starts_with("<https://a.example/x%7Cy?a=1&amp;b=2|&lt;!channel")));
    }

    #[test]
    fn in_teams_nothing_is_read_as_markdown() {
        let mut found = Vec::new();
        let card = body(WebhookKind::Teams, HOSTILE, &brief(), &[1]);
        marked_up(&card, &mut found);
        assert_eq!(found, Vec::<String>::new());
        assert!(card.to_string().contains("RichTextBlock") && !card.to_string().contains("entities"));
    }

    #[test]
    fn slack_takes_no_more_than_it_says() {
        let lines = vec!["ä".repeat(2000), "b".repeat(1500), "c".repeat(9000), String::new()];
        let card = body(WebhookKind::Slack, &"s".repeat(400), &Brief { lines, links: Vec::new() }, &[]);
        let blocks = card["blocks"].as_array().expect("blocks");
        let lengths: Vec<usize> =
            blocks.iter().map(|block| block["text"]["text"].as_str().expect("a text").chars().count()).collect();
        assert_eq!(lengths, [150, 2000, 1500, 2900]);
    }
}
