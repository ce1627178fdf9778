//! What Graph sends, read; what Graph is sent, looked at.

use super::*;
use crate::comment::{Attachment, CommentText, PageId, PostKind};
use crate::platform::testing::{Server, answer, json};

const FEED: &str = include_str!("../../../tests/wire/facebook_feed.json");
const MEDIA: &str = include_str!("../../../tests/wire/instagram_media.json");
const ERRORS: &str = include_str!("../../../tests/wire/graph_errors.jsonl");
const TOKEN: &str = "EAATESTPAGETOKEN000";
const SECRET: &str = "0123456789abcdef0123456789abcdef";

fn now() -> Timestamp {
    Timestamp::from_second(1_764_000_000).expect("a time")
}

fn key(platform: Platform) -> PageKey {
    let id = if platform == Platform::Instagram { "17841400112233445" } else { "1029384756" };
    PageKey { platform, id: PageId::new(id) }
}

fn settings(platform: Platform, base: Url) -> Settings {
    Settings {
        key: key(platform),
        api_base: base,
        token: Some(SecretString::from(format!("{TOKEN}\n"))),
        app_secret: Some(SECRET.into()),
        app_id: None,
        refresh_token: None,
        state_dir: None,
    }
}

async fn client(platform: Platform, answers: Vec<String>) -> (Server, Client) {
    let server = Server::start("/v25.0", answers).await;
    let shared = Shared::new(crate::clock::Clock::System).expect("a client");
    let client = Client::new(settings(platform, server.base.clone()), shared).expect("settings");
    (server, client)
}

fn target(kind: CommentKind) -> Target {
    let post = PostId::new("1029384756_122");
    match kind {
        CommentKind::VisitorPost => Target { comment: CommentId::new("1029384756_122"), post, kind, parent: None },
        CommentKind::Comment => Target { comment: CommentId::new("122_148"), post, kind, parent: None },
        CommentKind::Reply => {
            Target { comment: CommentId::new("122_149"), post, kind, parent: Some(CommentId::new("122_148")) }
        }
    }
}

fn listing(edge: Edge) -> Request {
    Request::Posts { edge, after: None }
}

fn parsed(platform: Platform, body: &str, username: Option<&str>) -> Answer {
    let page = key(platform);
    let context = Context { platform, page: &page.id, username, base: None };
    rows::posts(&context, &wire::parse(body.as_bytes()).expect("JSON"), Edge::Main, true)
}

#[test]
fn proofs_match_the_fact_sheets_vectors() {
    let proof = |token: &str| appsecret_proof(&SECRET.into(), &token.into());
    assert_eq!(proof(TOKEN), "fab53c84aa57ff00ab2d57559bc3cf45f7cadd4ab7bbee73695274e8dfb1db70");
    assert_eq!(proof("IGAATESTUSERTOKEN000"), "ee9803aa05d08173344f0b93d55d6e99f1236001cda6fd977f9c1defabf391f7");
}

#[test]
fn a_feed_gives_own_and_visitors_posts_with_their_comments_and_counts_what_is_unreadable() {
    let answer = parsed(Platform::Facebook, FEED, None);
    // Two rows without an id, and a link to somebody else's host.
    assert_eq!((answer.malformed, answer.next.as_deref()), (3, None));
    let kinds: Vec<_> = answer.posts.iter().map(|listing| listing.post.kind).collect();
    assert_eq!(kinds, [PostKind::Post, PostKind::Visitor, PostKind::Post]);
    let first = &answer.posts[0];
    assert_eq!((first.total, first.newest_first, first.next.as_deref()), (Some(118), true, Some("WTI5BBB")));
    assert_eq!(first.photos, [PostId::new("122100000000901"), PostId::new("122100000000902")]);
    assert!(!answer.posts[1].newest_first, "ranked, whatever was asked for");
    let visitor = &answer.comments[0];
    assert_eq!((visitor.kind, visitor.id.as_str()), (CommentKind::VisitorPost, visitor.post.as_str()));
    assert_eq!(visitor.text.expose(), "Why does nobody pick up the phone");
}

#[test]
fn comments_of_a_feed_keep_what_can_be_read_of_them() {
    let answer = parsed(Platform::Facebook, FEED, None);
    let rows = &answer.posts[0].comments;
    assert_eq!(rows.len(), 5);
    assert_eq!((rows[0].can_hide, rows[0].by_page, rows[0].kind), (Some(true), false, CommentKind::Comment));
    assert!(rows[0].permalink.as_deref().is_some_and(|link| link.ends_with("comment_id=1480000000000002")));
    assert_eq!((rows[1].kind, rows[1].hidden), (CommentKind::Reply, true));
    assert_eq!(rows[1].attachments, [Attachment::Sticker]);
    assert_eq!(rows[1].parent.as_ref(), Some(&rows[0].id));
    assert_eq!((rows[2].author.clone(), rows[2].can_hide), (crate::comment::Author::default(), None));
    assert_eq!(rows[2].attachments, [Attachment::Unknown]);
    assert_eq!(rows[3].text.expose(), "half a pair \u{fffd} and \u{1f621}");
    assert_eq!(rows[3].created.map(Timestamp::as_second), Some(1_763_716_900));
    assert!(rows[4].by_page);
}

#[test]
fn a_place_in_a_listing_is_kept_without_host_and_token() {
    let own = FEED.replace("evil.example", "graph.facebook.com");
    let next = parsed(Platform::Facebook, &own, None).next.expect("a next page");
    assert_eq!(next, "?until=1763400000&__paging_token=enc_B");
    let parameters = rows::place_parameters(&next);
    assert_eq!(parameters[1], ("__paging_token".to_owned(), "enc_B".to_owned()));
}

#[test]
fn cursors_without_a_next_end_a_listing() {
    assert_eq!(parsed(Platform::Instagram, MEDIA, None).next, None);
    for body in [r#"{"data":[]}"#, r#"{"data":[],"paging":{"cursors":{"after":"x"}}}"#, r#"{"data":[],"paging":null}"#]
    {
        assert_eq!(parsed(Platform::Facebook, body, None).next, None, "{body}");
    }
    let stuck = parsed(Platform::Facebook, r#"{"data":[],"paging":{"next":"https://x.example/?q=1"}}"#, None);
    assert_eq!((stuck.next, stuck.malformed), (None, 1));
}

#[test]
fn instagram_rows_bring_replies_own_comments_and_pictures_that_are_not_shown() {
    let answer = parsed(Platform::Instagram, MEDIA, Some("ElmfieldSurgery"));
    assert_eq!(answer.malformed, 0);
    let first = &answer.posts[0];
    assert_eq!((first.total, first.newest_first), (Some(5), true));
    assert_eq!(first.more_replies, [(CommentId::new("18040000000000101"), Some("QVFIUr".to_owned()))]);
    let own: Vec<bool> = first.comments.iter().map(|row| row.by_page).collect();
    assert_eq!(own, [false, false, true, true, false]);
    let hidden: Vec<bool> = first.comments.iter().map(|row| row.hidden).collect();
    assert_eq!(hidden, [false, true, false, false, false]);
    assert!(first.comments[1..4].iter().all(|row| row.kind == CommentKind::Reply && row.parent.is_some()));
    assert_eq!(first.comments[4].attachments, [Attachment::Unknown]);
    assert_eq!(
        first.comments[0].permalink.as_deref(),
        Some("https://www.instagram.com/p/DAbCdEfGhIj/c/18040000000000101/")
    );
}

#[track_caller]
fn check_meaning(body: &str, status: u16, intent: Intent, want: &str) {
    let value = wire::parse(body.as_bytes());
    let error = refusal::refusal(
        &key(Platform::Facebook),
        intent,
        status,
        &reqwest::header::HeaderMap::new(),
        value.as_ref(),
        None,
    );
    let got = error.map_or("fine".to_owned(), |error| {
        assert!(!error.help().is_empty());
        let name = format!("{error:?}");
        let name = name.split([' ', '{']).next().unwrap_or_default().to_owned();
        if let Error::Throttled { wait, .. } = error { format!("{name} {}", wait.as_secs() / 60) } else { name }
    });
    assert_eq!(got, want, "{body}");
}

#[test]
fn refusals_are_told_apart_by_code() {
    use Intent::{Read, Write};
    let code = |code: i64| format!(r#"{{"error":{{"message":"(#{code}) x","code":{code}}}}}"#);
    let lines: Vec<&str> = ERRORS.lines().collect();
    check_meaning(lines[0], 400, Read, "Token");
    check_meaning(lines[1], 400, Read, "NotFound");
    check_meaning(lines[2], 400, Read, "Throttled 60");
    check_meaning(lines[0], 200, Read, "Token");
    for (number, status, intent, want) in [
        (1, 500, Read, "TooMuch"),
        (1, 500, Write, "Transient"),
        (2, 503, Read, "Transient"),
        (3, 400, Read, "Permission"),
        (4, 400, Read, "Throttled 30"),
        (10, 403, Read, "Permission"),
        (17, 400, Read, "Throttled 30"),
        (32, 403, Read, "Throttled 30"),
        (33, 400, Read, "NotFound"),
        (100, 400, Write, "Refused"),
        (102, 400, Read, "Token"),
        (200, 403, Write, "Permission"),
        (283, 400, Read, "Permission"),
        (341, 400, Read, "Throttled 30"),
        (368, 400, Write, "WritesBlocked"),
        (368, 400, Read, "Throttled 60"),
        (506, 400, Write, "Refused"),
        (613, 400, Read, "Throttled 5"),
        (803, 404, Read, "NotFound"),
        (1705, 400, Write, "Permission"),
        (2500, 400, Read, "Refused"),
        (80002, 400, Read, "Throttled 60"),
        (99_999, 400, Write, "Transient"),
    ] {
        check_meaning(&code(number), status, intent, want);
    }
    check_meaning(r#"{"error":{"code":"190","message":"as text"}}"#, 400, Read, "Token");
    check_meaning(r#"{"error":{"code":100,"is_transient":true}}"#, 400, Read, "Transient");
    check_meaning(r#"{"error":{"code":1,"error_subcode":2446079}}"#, 400, Read, "Throttled 30");
    check_meaning(r#"{"success":false}"#, 200, Write, "Refused");
    check_meaning(r#"{"success":"true"}"#, 200, Write, "fine");
    check_meaning("true", 200, Write, "fine");
    check_meaning(r#"{"data":[]}"#, 502, Read, "Transient");
    check_meaning("<html>Bad gateway</html>", 200, Read, "Transient");
    check_meaning("", 429, Read, "Throttled 5");
}

#[tokio::test]
async fn the_token_travels_in_the_header_and_nowhere_else() {
    let (server, client) = client(Platform::Facebook, vec![json(FEED), json(r#"{"success":true}"#)]).await;
    client.fetch(&listing(Edge::Main), now()).await.expect("an answer");
    client.act(&target(CommentKind::Comment), &Act::Hide, now()).await.expect("a receipt");
    let got = server.got();
    assert!(got[0].line.starts_with("GET /v25.0/1029384756/feed?limit=25&fields="), "{}", got[0].line);
    assert!(
        got[0].plain().contains("comments.filter(stream).order(reverse_chronological).limit(50).summary(true){id,")
    );
    assert!(got[0].plain().contains("appsecret_proof=fab53c84aa57ff00"));
    assert_eq!(got[1].line, "POST /v25.0/122_148 HTTP/1.1");
    assert!(got[1].body.starts_with("is_hidden=true&appsecret_proof=fab53c84"), "{}", got[1].body);
    for request in got {
        assert!(request.headers.contains("authorization: bearer eaatestpagetoken000\r\n"));
        assert!(!request.line.contains(TOKEN) && !request.body.contains(TOKEN));
    }
}

#[tokio::test]
async fn each_act_has_the_route_of_its_platform() {
    let done = || json(r#"{"success":"true"}"#);
    let reply = || json(r#"{"id":"122_150"}"#);
    let text = Act::Reply(CommentText::new("Please ring us & we'll help"));
    let (facebook, client_f) = client(Platform::Facebook, vec![done(), done(), done(), done(), reply()]).await;
    for act in [Act::Hide, Act::Unhide, Act::Delete] {
        client_f.act(&target(CommentKind::Comment), &act, now()).await.expect("a receipt");
    }
    client_f.act(&target(CommentKind::VisitorPost), &Act::Delete, now()).await.expect("a receipt");
    let receipt = client_f.act(&target(CommentKind::Reply), &text, now()).await.expect("a receipt");
    assert_eq!(receipt.created, Some(CommentId::new("122_150")));
    let got: Vec<String> = facebook.got().iter().map(|got| format!("{} {}", got.line, got.body)).collect();
    assert!(got[1].starts_with("POST /v25.0/122_148 HTTP/1.1 is_hidden=false"), "{}", got[1]);
    assert!(got[2].starts_with("DELETE /v25.0/122_148?appsecret_proof="), "{}", got[2]);
    assert!(got[3].starts_with("DELETE /v25.0/1029384756_122?"), "{}", got[3]);
    assert!(got[4].starts_with("POST /v25.0/122_149/comments HTTP/1.1 message=Please+ring+us+%26"), "{}", got[4]);

    let (instagram, client_i) = client(Platform::Instagram, vec![done(), reply()]).await;
    client_i.act(&target(CommentKind::Comment), &Act::Hide, now()).await.expect("a receipt");
    client_i.act(&target(CommentKind::Reply), &text, now()).await.expect("a receipt");
    let got: Vec<String> = instagram.got().iter().map(|got| format!("{} {}", got.line, got.body)).collect();
    assert!(got[0].starts_with("POST /v25.0/122_148 HTTP/1.1 hide=true"), "{}", got[0]);
    assert!(got[1].starts_with("POST /v25.0/122_148/replies HTTP/1.1 message="), "{}", got[1]);
}

#[tokio::test]
async fn a_reply_that_comes_back_with_its_targets_id_is_no_success() {
    let (_server, client) = client(Platform::Facebook, vec![json(r#"{"id":"148"}"#)]).await;
    let outcome = client.act(&target(CommentKind::Comment), &Act::Reply(CommentText::new("x")), now()).await;
    assert!(matches!(outcome, Err(Error::Transient { .. })), "{outcome:?}");
}

#[tokio::test]
async fn a_visitors_post_that_may_not_be_deleted_is_refused_and_no_lapsed_permission() {
    let closed = || answer("403 Forbidden", "", r#"{"error":{"code":200,"message":"x"}}"#);
    let (_server, client) = client(Platform::Facebook, vec![closed(), closed()]).await;
    let visitor = client.act(&target(CommentKind::VisitorPost), &Act::Delete, now()).await;
    assert!(matches!(visitor, Err(Error::Refused { code: 200, .. })), "{visitor:?}");
    let comment = client.act(&target(CommentKind::Comment), &Act::Delete, now()).await;
    assert!(matches!(comment, Err(Error::Permission { code: 200, .. })), "{comment:?}");
}

#[tokio::test]
async fn a_comment_is_gone_only_if_its_post_still_reads() {
    let missing = || answer("400 Bad Request", "", ERRORS.lines().nth(1).unwrap_or_default());
    let (server, first) = client(Platform::Facebook, vec![missing(), json(r#"{"id":"1029384756_122"}"#)]).await;
    assert_eq!(first.read(&target(CommentKind::Comment), now()).await.expect("an answer"), Seen::Gone);
    assert!(server.got()[1].line.starts_with("GET /v25.0/1029384756_122?fields=id&"), "{}", server.got()[1].line);
    let (_server, second) = client(Platform::Facebook, vec![missing(), missing()]).await;
    let outcome = second.read(&target(CommentKind::Comment), now()).await;
    assert!(matches!(outcome, Err(Error::NotFound { code: 100, .. })), "{outcome:?}");
}

#[tokio::test]
async fn a_comment_reads_under_the_name_it_was_asked_by() {
    let body =
        r#"{"id":"149","message":"Hi","from":{"id":"2","name":"Jo"},"is_hidden":true,"parent":{"id":"122_100"}}"#;
    let (_server, client) = client(Platform::Facebook, vec![json(body)]).await;
    let Ok(Seen::Present(comment)) = client.read(&target(CommentKind::Reply), now()).await else {
        panic!("not read");
    };
    assert_eq!((comment.id.as_str(), comment.hidden, comment.kind), ("122_149", true, CommentKind::Reply));
}

#[tokio::test]
async fn a_listing_that_is_too_much_shrinks_until_it_fits_and_stays_so() {
    let heavy =
        || answer("500 Internal Server Error", "", r#"{"error":{"code":1,"message":"reduce the amount of data"}}"#);
    let fine = || json(r#"{"data":[]}"#);
    let (server, client) = client(Platform::Facebook, vec![heavy(), heavy(), fine(), fine(), fine()]).await;
    client.fetch(&listing(Edge::Main), now()).await.expect("an answer");
    client.fetch(&listing(Edge::Main), now()).await.expect("an answer");
    client.fetch(&listing(Edge::Main), now() + SignedDuration::from_hours(24)).await.expect("an answer");
    let limits: Vec<String> =
        server.got().iter().map(|got| got.plain().split(' ').nth(2).unwrap_or_default().to_owned()).collect();
    assert_eq!(limits, ["limit=25", "limit=12", "limit=6", "limit=6", "limit=25"]);
}

#[tokio::test]
async fn an_expansion_that_is_refused_is_left_out() {
    let refused = answer("400 Bad Request", "", r#"{"error":{"code":100,"message":"nonexisting field"}}"#);
    let (server, client) = client(Platform::Facebook, vec![refused, json(r#"{"data":[{"id":"1_2"}]}"#)]).await;
    let answer = client.fetch(&listing(Edge::Main), now()).await.expect("an answer");
    assert!(!answer.posts[0].with_comments);
    assert!(!server.got()[1].plain().contains("comments"));
}

#[tokio::test]
async fn a_listing_that_is_closed_to_us_is_not_asked_for_again_within_the_hour() {
    let lapsed = answer("403 Forbidden", "", r#"{"error":{"code":10,"message":"x"}}"#);
    let (server, client) = client(Platform::Facebook, vec![lapsed, json(r#"{"data":[]}"#)]).await;
    for _ in 0..3 {
        let outcome = client.fetch(&listing(Edge::Main), now()).await;
        assert!(matches!(outcome, Err(Error::Permission { code: 10, .. })), "{outcome:?}");
    }
    assert_eq!(server.got().len(), 1);
    client.fetch(&listing(Edge::Main), now() + SignedDuration::from_hours(1)).await.expect("an answer");
}

#[tokio::test]
async fn a_throttled_page_waits_as_long_as_it_was_told_without_asking() {
    let usage = r#"x-business-use-case-usage: {"1029384756":[{"type":"pages","call_count":100,"estimated_time_to_regain_access":19}]}"#;
    let spent = answer("400 Bad Request", &format!("{usage}\r\n"), ERRORS.lines().nth(2).unwrap_or_default());
    let (server, client) = client(Platform::Facebook, vec![spent, json(r#"{"data":[]}"#)]).await;
    for later in [0, 60] {
        let outcome = client.fetch(&listing(Edge::Main), now() + SignedDuration::from_secs(later)).await;
        let Err(Error::Throttled { wait, .. }) = outcome else { panic!("{outcome:?}") };
        assert_eq!(wait.as_secs(), (19 * 60 - later).unsigned_abs());
    }
    assert_eq!(server.got().len(), 1);
    client.fetch(&listing(Edge::Main), now() + SignedDuration::from_mins(19)).await.expect("an answer");
}

#[tokio::test]
async fn no_redirect_is_followed_and_no_fault_names_an_address() {
    let other = Server::start("/", vec![json(r#"{"data":[]}"#)]).await;
    let away = answer("302 Found", &format!("location: {}\r\n", other.base), "");
    let (server, client) = client(Platform::Facebook, vec![away]).await;
    let error = client.fetch(&listing(Edge::Main), now()).await.expect_err("a redirect");
    assert!(other.got().is_empty());
    assert_eq!(server.got().len(), 1);
    let told = format!("{error:?} {error} {}", super::super::chain(&error));
    assert!(told.contains("redirect") && !told.contains("127.0.0.1") && !told.contains(TOKEN), "{told}");
}

#[tokio::test]
async fn an_answer_without_end_is_cut() {
    let endless = answer("200 OK", "", &" ".repeat(9 * 1024 * 1024));
    let (_server, client) = client(Platform::Facebook, vec![endless]).await;
    let error = client.fetch(&listing(Edge::Main), now()).await.expect_err("too long");
    assert!(matches!(error, Error::Transient { source: Fault::TooLong { .. }, .. }), "{error:?}");
}

#[tokio::test]
async fn a_read_whose_connection_broke_is_sent_once_more_and_a_write_is_not() {
    let (server, reader) = client(Platform::Facebook, vec![String::new(), json(r#"{"data":[]}"#)]).await;
    reader.fetch(&listing(Edge::Main), now()).await.expect("an answer");
    assert_eq!(server.got().len(), 2);
    let (server, writer) = client(Platform::Facebook, vec![String::new(), json(r#"{"success":true}"#)]).await;
    let outcome = writer.act(&target(CommentKind::Comment), &Act::Delete, now()).await;
    assert!(matches!(outcome, Err(Error::Transient { .. })), "{outcome:?}");
    assert_eq!(server.got().len(), 1);
}

#[tokio::test]
async fn instagram_asks_for_replies_only_at_the_top() {
    let empty = || json(r#"{"data":[]}"#);
    let (server, client) = client(Platform::Instagram, vec![empty(), empty(), empty()]).await;
    let (post, comment) = (PostId::new("179"), CommentId::new("180"));
    client.fetch(&listing(Edge::Main), now()).await.expect("an answer");
    client.fetch(&Request::Comments { post: post.clone(), after: Some("A=".into()) }, now()).await.expect("an answer");
    client.fetch(&Request::Replies { post, comment, after: None }, now()).await.expect("an answer");
    let got: Vec<String> = server.got().iter().map(super::super::testing::Got::plain).collect();
    assert!(got[0].contains("/17841400112233445/media") && got[0].contains("replies.limit(50){"), "{}", got[0]);
    assert!(
        got[1].contains("/179/comments") && got[1].contains("limit=50") && got[1].contains("after=A="),
        "{}",
        got[1]
    );
    assert!(got[2].contains("/180/replies") && !got[2].contains("replies.limit"), "{}", got[2]);
}

#[tokio::test]
async fn a_token_of_instagram_login_is_refreshed_weekly_and_kept_before_use() {
    let dir = tempfile::tempdir().expect("a directory");
    let new = r#"{"access_token":"IGAAlong2","token_type":"bearer","expires_in":5183999}"#;
    let server = Server::start("/graph.instagram.com/v25.0", vec![json(new), json(r#"{"data":[]}"#)]).await;
    let settings =
        || Settings { state_dir: Some(dir.path().to_owned()), ..settings(Platform::Instagram, server.base.clone()) };
    let shared = Shared::new(crate::clock::Clock::System).expect("a client");
    let client = Client::new(settings(), shared.clone()).expect("settings");
    client.maintain(now()).await.expect("refreshed");
    client.maintain(now() + SignedDuration::from_hours(6 * 24)).await.expect("nothing to do");
    assert_eq!(client.token_deadline(), Some(now() + SignedDuration::from_secs(5_183_999)));
    let restarted = Client::new(settings(), shared).expect("settings");
    restarted.fetch(&listing(Edge::Main), now()).await.expect("an answer");
    let got = server.got();
    assert_eq!(got.len(), 2);
    assert!(got[0].line.starts_with("GET /graph.instagram.com/refresh_access_token?grant_type="), "{}", got[0].line);
    assert!(got[1].headers.contains("authorization: bearer igaalong2"));
}

#[tokio::test]
async fn a_probe_says_what_is_wrong_and_what_to_do() {
    let token = r#"{"data":{"type":"PAGE","is_valid":true,"expires_at":0,"data_access_expires_at":1764600000,"profile_id":"1029384756",
        "scopes":["pages_read_engagement","pages_read_user_content"]}}"#;
    let date = "date: Mon, 24 Nov 2025 16:10:00 GMT\r\nfacebook-api-version: v26.0\r\n";
    let page = answer("200 OK", date, r#"{"id":"1029384756","name":"Elmfield Surgery"}"#);
    let server = Server::start("/v25.0", vec![json(token), page, json(FEED)]).await;
    let settings = Settings { app_id: Some("778899".into()), ..settings(Platform::Facebook, server.base.clone()) };
    let client = Client::new(settings, Shared::new(crate::clock::Clock::System).expect("a client")).expect("settings");
    let probes = client.probe(now()).await;
    let wrong: Vec<&str> = probes.iter().filter(|probe| !probe.ok).map(|probe| probe.what).collect();
    assert_eq!(wrong, ["permissions", "data access", "clock", "API version", "authors", "token's life"]);
    assert!(probes.iter().all(|probe| probe.ok == probe.help.is_none()));
    assert!(probes.iter().any(|probe| probe.say.contains("Elmfield Surgery")));
    assert!(server.got()[0].headers.contains("authorization: bearer 778899|"));
}

#[test]
fn tokens_do_not_travel_in_the_open() {
    let shared = Shared::new(crate::clock::Clock::System).expect("a client");
    for (base, good) in [
        ("https://graph.facebook.com/v25.0", true),
        ("http://127.0.0.1:8080/v25.0", true),
        ("http://[::1]:8080/v25.0", true),
        ("http://localhost:1/x/v25.0", true),
        ("http://graph.facebook.com/v25.0", false),
        ("http://127.0.0.1.evil.example/v25.0", false),
        ("ftp://127.0.0.1/v25.0", false),
    ] {
        let settings = settings(Platform::Facebook, base.parse().expect("a URL"));
        assert_eq!(super::super::Api::connect(settings, &shared).is_ok(), good, "{base}");
    }
}

#[test]
fn addresses_are_built_from_the_base_whatever_the_ids_hold() {
    let base: Url = "http://127.0.0.1:1/prefix/v25.0/?x=1".parse().expect("a URL");
    assert_eq!(
        joined(&base, &["a/../b?c", "comments"]).as_str(),
        "http://127.0.0.1:1/prefix/v25.0/a%2F..%2Fb%3Fc/comments"
    );
    assert_eq!(joined(&without_version(&base), &["me"]).as_str(), "http://127.0.0.1:1/prefix/me");
}
