//! What Facebook and Instagram share: tokens, permissions, batches, headers, budgets; and where they differ on purpose.

use super::*;

#[test]
fn a_token_works_on_its_own_host_only() {
    let mut world = world();
    let mut code_of = |target: &str, token: &str| {
        let answer = ask(&mut world, Ask::new("GET", target).header("authorization", &format!("Bearer {token}")));
        code(&answer)
    };
    assert_eq!(code_of("/ig/v25.0/me?fields=user_id,username", "IGAASIM17841400000000001"), (0, None));
    assert_eq!(code_of("/ig/v25.0/17841400000000001/media", "EAASIMPAGE1029"), (190, None));
    assert_eq!(code_of("/v25.0/17841400000000001/media", "IGAASIM17841400000000001"), (190, None));
    assert_eq!(code_of("/v25.0/me", "EAAnobody"), (190, None));
    assert_eq!(code_of("/v25.0/1029/feed", "778899|0123456789abcdef0123456789abcdef"), (200, None));
}

#[test]
fn a_users_token_reads_empty_comments_and_may_not_write() {
    let mut world = world();
    let (post, comment) = (id(&world, "p"), id(&world, "a"));
    let token = "access_token=EAASIMUSERTOKEN000";
    let empty = ask(&mut world, Ask::new("GET", &format!("/v25.0/{post}/comments?{token}")));
    assert_eq!(empty, json!({"data": []}));
    assert_eq!(
        code(&ask(&mut world, Ask::new("POST", &format!("/v25.0/{comment}?is_hidden=true&{token}")))),
        (210, None)
    );
    let accounts = ask(&mut world, Ask::new("GET", &format!("/v25.0/me/accounts?{token}")));
    assert_eq!(accounts["data"][0]["access_token"], "EAASIMPAGE1029");
}

#[test]
fn the_proof_is_checked_when_given_and_demanded_when_configured() {
    let mut world = world();
    assert_eq!(code(&get(&mut world, "me?appsecret_proof=00")), (100, None));
    world.knobs_mut().require_proof = true;
    assert_eq!(code(&get(&mut world, "me")), (100, None));
    let proof = tokens::proof(META_APP_SECRET, "EAASIMPAGE1029");
    assert_eq!(code(&get(&mut world, &format!("me?appsecret_proof={proof}"))), (0, None));
    let timed = tokens::proof(META_APP_SECRET, &format!("EAASIMPAGE1029|{}", at(2).as_second()));
    let stale = format!("me?appsecret_proof={timed}&appsecret_time={}", at(2).as_second() - 600);
    assert_eq!(code(&get(&mut world, &stale)), (100, None));
    assert_eq!(
        code(&get(&mut world, &format!("me?appsecret_proof={timed}&appsecret_time={}", at(2).as_second()))),
        (0, None)
    );
}

#[test]
fn missing_permissions_have_their_own_codes() {
    let mut world = world();
    let comment = id(&world, "a");
    world.drop_permission("pages_read_user_content");
    assert_eq!(code(&get(&mut world, "1029/published_posts")), (0, None));
    assert_eq!(code(&get(&mut world, "1029/feed")), (10, None));
    assert_eq!(code(&get(&mut world, "1029/ratings")), (283, None));
    assert_eq!(get(&mut world, &format!("{comment}?fields=from")).get("from"), None);
    world.drop_permission("pages_manage_engagement");
    assert_eq!(code(&graph(&mut world, "POST", &format!("{comment}?is_hidden=true"))), (200, None));
}

#[test]
fn a_dead_token_is_told_by_debug_token_with_http_200() {
    let mut world = world();
    world.revoke_token("fb", 460);
    assert_eq!(code(&get(&mut world, "me")), (190, Some(460)));
    let app = format!("access_token={META_APP_ID}%7C{META_APP_SECRET}");
    let answer = ask(&mut world, Ask::new("GET", &format!("/v25.0/debug_token?input_token=EAASIMPAGE1029&{app}")));
    assert_eq!((&answer["data"]["is_valid"], &answer["data"]["error"]["subcode"]), (&json!(false), &json!(460)));
}

#[test]
fn a_batch_answers_each_part_with_a_body_as_text() {
    let mut world = world();
    let comment = id(&world, "a");
    let parts = json!([{"method": "GET", "relative_url": "1029?fields=name"},
        {"method": "POST", "relative_url": comment, "body": "is_hidden=true"}, {"method": "GET", "relative_url": "v25.0/404"}]);
    let request = Ask::new("POST", "/v25.0/").form("access_token=EAASIMPAGE1029&include_headers=false");
    let body = format!(
        "access_token=EAASIMPAGE1029&batch={}",
        url::form_urlencoded::byte_serialize(parts.to_string().as_bytes()).collect::<String>()
    );
    let answer = ask(&mut world, Ask { body: body.into_bytes(), ..request });
    assert_eq!(answer[0]["body"], "{\"id\":\"1029\",\"name\":\"Alderbrook Surgery\"}");
    assert_eq!((&answer[1]["code"], &answer[2]["code"]), (&json!(200), &json!(400)));
    assert!(world.comment("a").is_some_and(|one| one.hidden == HiddenBy::Owner));
    let other = id(&world, "b");
    let several = get(&mut world, &format!("?ids={comment},{other}&fields=message"));
    assert_eq!(several[&other]["message"], "second");
    assert_eq!(code(&get(&mut world, &format!("?ids={comment},1_2"))), (803, None));
}

#[test]
fn a_part_of_a_batch_that_did_not_finish_is_null_though_it_may_be_done() {
    let mut world = world();
    let comment = id(&world, "a");
    world.fault_on(FaultRule::always("late", Fault::TimeoutAfterSideEffect).route("facebook.comment"));
    let parts = json!([{"method": "DELETE", "relative_url": comment}, {"method": "GET", "relative_url": "me"}]);
    let body = json!({"access_token": "EAASIMPAGE1029", "batch": parts});
    let answer = ask(&mut world, Ask::new("POST", "/v25.0/").json(&body));
    assert_eq!((&answer[0], &answer[1]["code"]), (&Value::Null, &json!(200)));
    assert_eq!(world.comment("a").map(|one| one.gone), Some(Some(Gone::ByApi)));
}

#[test]
fn answers_carry_the_headers_of_the_real_thing() {
    let mut world = world();
    let request = Ask::new("GET", "/v24.0/1029?fields=name").header("Authorization", "Bearer EAASIMPAGE1029");
    let Reply::Answer(answer) = world.handle(&request, at(2)) else { panic!("no answer") };
    assert_eq!((answer.status, answer.header("facebook-api-version")), (200, Some("v24.0")));
    assert!(answer.header("x-business-use-case-usage").is_some_and(|usage| usage.contains("\"type\":\"pages\"")));
    let request = Ask::new("GET", "/v25.0/1029").header("Authorization", "Bearer nobody");
    let Reply::Answer(answer) = world.handle(&request, at(2)) else { panic!("no answer") };
    assert!(answer.header("www-authenticate").is_some_and(|text| text.contains("invalid_token")));
    assert!(!world.requests().last().expect("a request").authorised);
}

#[test]
fn a_spent_budget_throttles_each_meta_platform_by_itself() {
    let mut world = world();
    world.knobs_mut().graph_budget = 3;
    for _ in 0..3 {
        assert_eq!(code(&get(&mut world, "1029")), (0, None));
    }
    assert_eq!(code(&get(&mut world, "1029")), (80_001, None));
    assert_eq!(code(&get(&mut world, "17841400000000001")), (0, None));
}

#[test]
fn an_ended_version_is_served_by_the_oldest_alive() {
    let mut world = world();
    for (asked, served) in [("/v25.0/me", "v25.0"), ("/v19.0/me", "v21.0"), ("/me", "v21.0")] {
        let request = Ask::new("GET", asked).header("Authorization", "Bearer EAASIMPAGE1029");
        let Reply::Answer(answer) = world.handle(&request, at(2)) else { panic!("no answer") };
        assert_eq!((answer.status, answer.header("facebook-api-version")), (200, Some(served)), "{asked}");
    }
}

#[test]
fn hiding_on_facebook_wants_is_hidden_and_on_instagram_hide() {
    let mut world = world();
    let (facebook, instagram) = (id(&world, "a"), id(&world, "i"));
    assert_eq!(graph(&mut world, "POST", &format!("{facebook}?hide=true")), json!({"success": true}));
    assert_eq!(get(&mut world, &format!("{facebook}?fields=is_hidden"))["is_hidden"], false);
    assert_eq!(graph(&mut world, "POST", &format!("{facebook}?is_hidden=true")), json!({"success": true}));
    assert_eq!(get(&mut world, &format!("{facebook}?fields=is_hidden"))["is_hidden"], true);
    assert_eq!(graph(&mut world, "POST", &format!("{instagram}?is_hidden=true")), json!({"success": true}));
    assert_eq!(get(&mut world, &format!("{instagram}?fields=hidden"))["hidden"], false);
    assert_eq!(graph(&mut world, "POST", &format!("{instagram}?hide=1")), json!({"success": true}));
    assert_eq!(get(&mut world, &format!("{instagram}?fields=hidden"))["hidden"], true);
    let done: Vec<(Act, bool)> = world.writes().iter().map(|write| (write.act, write.done)).collect();
    assert_eq!(done, [(Act::Nothing, false), (Act::Hide, true), (Act::Nothing, false), (Act::Hide, true)]);
}
