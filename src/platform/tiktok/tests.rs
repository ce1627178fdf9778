//! What TikTok sends, read; what TikTok is sent, looked at.

use super::*;
use crate::comment::{PageId, Platform};
use crate::platform::testing::{Got, Server, answer, json};

const COMMENTS: &str = include_str!("../../../tests/wire/tiktok_comments.json");
const VIDEOS: &str = include_str!("../../../tests/wire/tiktok_videos.json");
const DONE: &str = r#"{"code":0,"message":"Ok","request_id":"SIM1","data":{}}"#;
const REFRESHED: &str = r#"{"code":0,"message":"OK","data":{"access_token":"act.sim.2","expires_in":86400,"refresh_token":"rft.sim.2",
    "refresh_token_expires_in":28484364,"open_id":"-000Open","scope":"comment.list","token_type":"Bearer"}}"#;

fn now() -> Timestamp {
    Timestamp::from_second(1_793_781_000).expect("a time")
}

fn hours(count: i64) -> SignedDuration {
    SignedDuration::from_hours(count)
}

fn settings(base: Url) -> Settings {
    Settings {
        key: PageKey { platform: Platform::TikTok, id: PageId::new("-000Open") },
        api_base: base,
        token: Some("act.sim.1".into()),
        app_secret: Some("sim-app-secret".into()),
        app_id: Some("7600000000000000001".into()),
        refresh_token: Some("rft.sim.1\n".into()),
        state_dir: None,
    }
}

async fn client(answers: Vec<String>) -> (Server, Client) {
    let server = Server::start("/open_api/v1.3", answers).await;
    let client =
        Client::new(settings(server.base.clone()), Shared::new(crate::clock::Clock::System).expect("a client"))
            .expect("settings");
    (server, client)
}

fn target(parent: Option<&str>) -> Target {
    Target {
        comment: CommentId::new("7571000000000000102"),
        post: PostId::new("7570000000000000001"),
        kind: if parent.is_some() { CommentKind::Reply } else { CommentKind::Comment },
        parent: parent.map(CommentId::new),
    }
}

fn page_of(after: Option<&str>) -> Request {
    Request::Comments { post: PostId::new("7570000000000000001"), after: after.map(str::to_owned) }
}

fn data(body: &str) -> Value {
    wire::parse(body.as_bytes()).expect("JSON")["data"].take()
}

fn refused(code: i64, message: &str) -> String {
    json(&format!(r#"{{"code":{code},"message":"{message}","request_id":"SIM2","data":null}}"#))
}

#[test]
fn comments_are_read_with_their_replies_and_bad_rows_are_counted() {
    let answer = comments(&data(COMMENTS), &PostId::new("7570000000000000001"), None, None);
    assert_eq!((answer.malformed, answer.next.as_deref(), answer.newest_first), (1, Some("30"), true));
    let ids: Vec<&str> = answer.comments.iter().map(|row| row.id.as_str()).collect();
    assert_eq!(ids[..3], ["7571000000000000103", "7571000000000000102", "7571000000000000201"]);
    let replies: Vec<bool> = answer.comments.iter().map(|row| row.kind == CommentKind::Reply).collect();
    assert_eq!(replies, [true, false, true, false, false]);
    let rows = &answer.comments;
    assert_eq!(rows[0].created.map(Timestamp::as_millisecond), Some(1_793_781_000_123));
    assert_eq!(rows[1].author.id, Some(AuthorId::new("+SimUser/Two=")));
    assert_eq!((rows[3].hidden, rows[3].attachments.as_slice()), (true, &[Attachment::Picture][..]));
    assert!(rows[4].by_page);
    assert_eq!(answer.more_replies, [(CommentId::new("7571000000000000102"), None)]);
}

#[test]
fn an_order_that_was_not_kept_or_not_promised_is_not_believed() {
    let post = PostId::new("1");
    let rows = |times: [i64; 2]| json!({"comments": [{"comment_id": "1", "create_time": times[0]}, {"comment_id": "2", "create_time": times[1]}]});
    assert!(comments(&rows([1_793_780_002, 1_793_780_001]), &post, None, Some("499")).newest_first);
    assert!(!comments(&rows([1_793_780_001, 1_793_780_002]), &post, None, None).newest_first);
    assert!(!comments(&rows([1_793_780_002, 1_793_780_001]), &post, None, Some("500")).newest_first);
}

#[test]
fn videos_are_listed_without_comments_and_with_ids_in_full() {
    let answer = videos(&data(VIDEOS));
    assert_eq!((answer.malformed, answer.next.as_deref()), (1, Some("1793600000000")));
    assert_eq!(answer.posts[1].post.id.as_str(), "7570000000000000000");
    assert_eq!(answer.posts[0].total, Some(4));
    assert!(answer.posts.iter().all(|listing| !listing.with_comments));
}

#[track_caller]
fn check_outcome(status: u16, body: &str, want: &str) {
    let page = PageKey { platform: Platform::TikTok, id: PageId::new("-000Open") };
    let body = wire::parse(body.as_bytes()).filter(Value::is_object);
    let got = match outcome(&page, status, &reqwest::header::HeaderMap::new(), body.clone(), now()) {
        Ok(_) => "fine".to_owned(),
        Err(Error::Throttled { wait, .. }) => format!("Throttled {}", wait.as_secs()),
        Err(error) => {
            assert!(!error.help().is_empty());
            format!("{error:?}").split([' ', '{']).next().unwrap_or_default().to_owned()
        }
    };
    assert_eq!(got, want, "{status} {body:?}");
}

#[test]
fn answers_are_told_apart_by_code_whatever_the_status() {
    let code = |code: i64, message: &str| format!(r#"{{"code":{code},"message":"{message}"}}"#);
    check_outcome(500, DONE, "fine");
    check_outcome(200, &code(20_001, "partial"), "fine");
    check_outcome(200, r#"{"code":"0","data":null}"#, "fine");
    check_outcome(200, &code(40_100, "App reaches the QPS limit"), "Throttled 2");
    check_outcome(200, &code(40_100, "App reaches the QPM limit"), "Throttled 300");
    check_outcome(200, &code(40_016, "slow down"), "Throttled 300");
    // 08:30 on a day: fifteen and a half hours to midnight.
    check_outcome(
        200,
        &code(40_100, "reaches the qpd limit"),
        &format!("Throttled {}", 86_400 - 1_793_781_000 % 86_400),
    );
    check_outcome(200, &code(51_021, "too many requests"), "Throttled 300");
    check_outcome(200, &code(40_001, "no permission"), "Permission");
    check_outcome(200, &code(40_130, "scope"), "Permission");
    check_outcome(200, &code(40_006, "no schema found"), "Permission");
    check_outcome(200, &code(40_002, "missing data"), "Refused");
    check_outcome(200, &code(40_999, "unheard of"), "Refused");
    check_outcome(200, &code(40_007, "not there"), "NotFound");
    for dead in [40_101, 40_102, 40_103, 40_104, 40_105, 40_107, 40_113] {
        check_outcome(200, &code(dead, "token"), "Token");
    }
    for passing in [50_000, 51_001, 51_039, 51_065] {
        check_outcome(200, &code(passing, "internal"), "Transient");
    }
    check_outcome(404, "<html>not found</html>", "Permission");
    check_outcome(502, "<html>bad gateway</html>", "Transient");
    check_outcome(429, "", "Throttled 300");
    check_outcome(200, r#"{"data":{}}"#, "Transient");
}

#[tokio::test]
async fn calls_carry_the_raw_token_the_slash_and_lists_as_json() {
    let (server, client) = client(vec![json(VIDEOS), json(COMMENTS), json(COMMENTS), json(COMMENTS)]).await;
    client
        .fetch(&Request::Posts { edge: crate::platform::cursor::Edge::Main, after: None }, now())
        .await
        .expect("videos");
    client.fetch(&page_of(Some("30")), now()).await.expect("comments");
    let replies = Request::Replies { post: PostId::new("1"), comment: CommentId::new("2"), after: None };
    client.fetch(&replies, now()).await.expect("replies");
    client.read(&target(None), now()).await.expect("an answer");
    let got = server.got();
    let plain: Vec<String> = got.iter().map(Got::plain).collect();
    assert!(
        plain[0].starts_with("GET /open_api/v1.3/business/video/list/ business_id=-000Open fields=[\"item_id\","),
        "{}",
        plain[0]
    );
    assert!(
        plain[1].contains("/business/comment/list/ ")
            && plain[1].contains("include_replies=true sort_field=create_time sort_order=desc max_count=30 cursor=30"),
        "{}",
        plain[1]
    );
    assert!(plain[2].contains("/business/comment/reply/list/ ") && plain[2].contains("comment_id=2"), "{}", plain[2]);
    assert!(plain[3].contains("comment_ids=[\"7571000000000000102\"]"), "{}", plain[3]);
    for request in got {
        assert!(request.headers.contains("access-token: act.sim.1\r\n") && !request.headers.contains("bearer"));
        assert!(!request.line.contains("act.sim"));
    }
}

#[tokio::test]
async fn acts_send_every_field_as_text() {
    let (server, client) = client(vec![json(DONE), json(DONE), json(r#"{"code":0,"data":{"comment_id":"75"}}"#)]).await;
    let receipt = client.act(&target(None), &Act::Hide, now()).await.expect("a receipt");
    assert_eq!(receipt.trace.as_deref(), Some("SIM1"));
    client.act(&target(Some("7571000000000000101")), &Act::Unhide, now()).await.expect("a receipt");
    let reply = Act::Reply(CommentText::new("Please ring reception."));
    let receipt = client.act(&target(Some("7571000000000000101")), &reply, now()).await.expect("a receipt");
    assert_eq!(receipt.created, Some(CommentId::new("75")));
    let got = server.got();
    let bodies: Vec<Value> = got.iter().map(|got| serde_json::from_str(&got.body).expect("JSON")).collect();
    assert!(got[0].line.starts_with("POST /open_api/v1.3/business/comment/hide/ "));
    let all = json!({"business_id": "-000Open", "video_id": "7570000000000000001", "comment_id": "7571000000000000102", "action": "HIDE"});
    assert_eq!(bodies[0], all);
    assert_eq!(bodies[1]["action"], "UNHIDE");
    assert!(got[2].line.starts_with("POST /open_api/v1.3/business/comment/reply/create/ "));
    assert_eq!(bodies[2]["comment_id"], "7571000000000000101");
}

#[tokio::test]
async fn only_the_accounts_own_comments_are_deleted_and_long_replies_are_not_sent() {
    let own = COMMENTS.replace("\"owner\": false, \"liked\"", "\"owner\": true, \"liked\"");
    let (server, first) = client(vec![json(COMMENTS), json(&own), json(DONE)]).await;
    let foreign = first.act(&target(None), &Act::Delete, now()).await;
    assert!(matches!(foreign, Err(Error::Refused { .. })), "{foreign:?}");
    assert_eq!(server.got().len(), 1);
    first.act(&target(None), &Act::Delete, now()).await.expect("a receipt");
    assert!(server.got()[2].line.contains("/business/comment/delete/"));
    let long = first.act(&target(None), &Act::Reply(CommentText::new("x".repeat(151))), now()).await;
    assert!(matches!(long, Err(Error::Refused { .. })), "{long:?}");
    assert_eq!(server.got().len(), 3);
}

#[tokio::test]
async fn a_reply_under_a_hidden_comment_is_not_called_gone() {
    let above = |status: &str| {
        json(&format!(r#"{{"code":0,"data":{{"comments":[{{"comment_id":"9","text":"x","status":"{status}"}}]}}}}"#))
    };
    let (_server, hidden) = client(vec![above("HIDDEN")]).await;
    let outcome = hidden.read(&target(Some("9")), now()).await;
    assert!(matches!(outcome, Err(Error::NotFound { .. })), "{outcome:?}");
    let (_server, public) = client(vec![above("PUBLIC"), json(r#"{"code":0,"data":{"comments":[]}}"#)]).await;
    assert_eq!(public.read(&target(Some("9")), now()).await.expect("an answer"), Seen::Gone);
    let (_server, listed) = client(vec![above("PUBLIC"), json(COMMENTS)]).await;
    assert!(matches!(listed.read(&target(Some("9")), now()).await, Ok(Seen::Present(_))));
}

#[tokio::test]
async fn a_token_that_died_is_refreshed_once_and_the_call_made_again() {
    let (server, client) = client(vec![refused(40_105, "revoked"), json(REFRESHED), json(COMMENTS)]).await;
    client.fetch(&page_of(None), now()).await.expect("an answer");
    let got = server.got();
    assert!(got[1].line.starts_with("POST /open_api/v1.3/tt_user/oauth2/refresh_token/ "));
    let body: Value = serde_json::from_str(&got[1].body).expect("JSON");
    assert_eq!((&body["client_id"], &body["refresh_token"]), (&json!("7600000000000000001"), &json!("rft.sim.1")));
    assert!(!got[1].headers.contains("access-token"));
    assert!(got[2].headers.contains("access-token: act.sim.2"));
    assert_eq!(client.token_deadline(), Some(now() + SignedDuration::from_secs(28_484_364)));
}

#[tokio::test]
async fn a_token_that_is_refused_again_after_its_refresh_asks_for_a_person() {
    let (server, client) = client(vec![refused(40_105, "x"), json(REFRESHED), refused(40_105, "x")]).await;
    let outcome = client.fetch(&page_of(None), now()).await;
    assert!(matches!(outcome, Err(Error::Token { code: 40_105, .. })), "{outcome:?}");
    assert_eq!(server.got().len(), 3);
}

#[tokio::test]
async fn a_refresh_token_that_died_asks_for_a_person() {
    let (_server, client) = client(vec![refused(40_102, "expired"), refused(40_131, "dead")]).await;
    let outcome = client.fetch(&page_of(None), now()).await;
    assert!(matches!(outcome, Err(Error::Token { code: 40_131, .. })), "{outcome:?}");
}

#[tokio::test]
async fn tokens_are_refreshed_at_half_their_life_and_survive_a_restart() {
    let dir = tempfile::tempdir().expect("a directory");
    let server =
        Server::start("/open_api/v1.3", vec![json(REFRESHED), json(COMMENTS), json(COMMENTS), json(REFRESHED)]).await;
    let shared = Shared::new(crate::clock::Clock::System).expect("a client");
    let settings = || Settings { token: None, state_dir: Some(dir.path().to_owned()), ..settings(server.base.clone()) };
    let client = Client::new(settings(), shared.clone()).expect("settings");
    client.fetch(&page_of(None), now()).await.expect("an answer");
    client.maintain(now() + hours(11)).await.expect("nothing to do");
    assert_eq!(server.got().len(), 2);
    let restarted = Client::new(settings(), shared).expect("settings");
    assert_eq!(restarted.token_deadline(), client.token_deadline());
    restarted.fetch(&page_of(None), now() + hours(1)).await.expect("an answer");
    restarted.maintain(now() + hours(12)).await.expect("refreshed");
    let got = server.got();
    assert!(got[2].headers.contains("access-token: act.sim.2"));
    assert!(got[3].body.contains("rft.sim.2"));
}

#[tokio::test]
async fn a_refresh_that_fails_does_not_stop_a_token_that_still_lives() {
    let (server, client) = client(vec![
        refused(40_105, "x"),
        json(REFRESHED),
        json(COMMENTS),
        refused(50_000, "x"),
        json(COMMENTS),
        json(COMMENTS),
    ])
    .await;
    client.fetch(&page_of(None), now()).await.expect("an answer");
    client.fetch(&page_of(None), now() + hours(13)).await.expect("with the old token");
    client.fetch(&page_of(None), now() + hours(13)).await.expect("without trying again at once");
    assert_eq!(server.got().len(), 6);
}

#[tokio::test]
async fn a_throttled_account_waits_without_asking() {
    let (server, client) = client(vec![refused(40_100, "QPM"), json(COMMENTS)]).await;
    for _ in 0..2 {
        let outcome = client.fetch(&page_of(None), now()).await;
        assert!(matches!(outcome, Err(Error::Throttled { wait, .. }) if wait.as_secs() == 300), "{outcome:?}");
    }
    assert_eq!(server.got().len(), 1);
    client.fetch(&page_of(None), now() + SignedDuration::from_mins(5)).await.expect("an answer");
}

#[tokio::test]
async fn a_probe_names_the_scope_that_was_not_ticked() {
    let info = json(r#"{"code":0,"data":{"app_id":"1","scope":"video.list,comment.list","creator_id":"-000Open"}}"#);
    let account = answer("200 OK", "", r#"{"code":0,"data":{"username":"exampleroadsurgery"}}"#);
    let (_server, client) = client(vec![info, account, json(VIDEOS)]).await;
    let probes = client.probe(now()).await;
    let wrong: Vec<&str> = probes.iter().filter(|probe| !probe.ok).map(|probe| probe.what).collect();
    assert_eq!(wrong, ["permissions", "token file"]);
    assert!(probes.iter().any(|probe| probe.say == "missing: comment.list.manage"));
}
