//! Faults bend answers as they say, when they say, and no longer.

use super::*;

#[track_caller]
fn check_fault(fault: impl Into<Fault>, want: impl Fn(&Reply, &mut World) -> bool) {
    let (fault, mut world) = (fault.into(), world());
    let post = id(&world, "p");
    world.fault_on(FaultRule::always("f", fault.clone()));
    let target = format!("/v25.0/{post}/comments?fields=id,message,from,created_time&filter=stream&limit=2");
    let request = Ask::new("GET", &target).header("Authorization", "Bearer EAASIMPAGE1029");
    let reply = world.handle(&request, at(2));
    assert!(want(&reply, &mut world), "{fault:?}: {reply:?}");
    world.fault_off("f");
    assert!(world.handle(&request, at(2)).value().is_some_and(|value| value["data"].is_array()), "{fault:?} goes away");
}

#[test]
fn faults_bend_answers_as_they_say() {
    let row = |reply: &Reply, name: &str| reply.value().unwrap_or_default()["data"][0][name].clone();
    let status = |reply: &Reply| if let Reply::Answer(answer) = reply { answer.status } else { 0 };
    let fails = |reply: &Reply| code(&reply.value().unwrap_or_default());
    check_fault(Fault::Throttle { code: None, minutes: Some(9), limit: None }, |reply, _| fails(reply).0 == 80_001);
    check_fault(Fault::TokenExpired, |reply, _| fails(reply) == (190, Some(463)));
    check_fault(Fault::HtmlInsteadOfJson { status: 502 }, |reply, _| status(reply) == 502 && reply.value().is_none());
    check_fault(Fault::Truncated, |reply, _| status(reply) == 200 && reply.value().is_none());
    check_fault(Fault::NotJson, |reply, _| status(reply) == 200 && reply.value().is_none());
    check_fault(Fault::TimeoutBefore, |reply, _| matches!(reply, Reply::HangUp));
    check_fault(Fault::EmptyListing, |reply, _| reply.value().unwrap_or_default()["data"] == json!([]));
    check_fault(Fault::MissingFrom, |reply, _| row(reply, "from").is_null());
    check_fault(Fault::MissingId, |reply, _| row(reply, "id").is_null());
    check_fault(Fault::NullText, |reply, _| row(reply, "message").is_null());
    check_fault(Fault::NulInText, |reply, _| row(reply, "message") == "first\0");
    check_fault(Fault::LoneSurrogate, |reply, _| status(reply) == 200 && reply.value().is_none());
    check_fault(Fault::HugeText, |reply, _| row(reply, "message").as_str().is_some_and(|text| text.len() >= 60_000));
    check_fault(Fault::UnixTimes, |reply, _| row(reply, "created_time").is_number());
    check_fault(Fault::EndlessNext, |reply, _| reply.value().unwrap_or_default()["paging"]["next"].is_string());
    check_fault(Fault::DuplicateItems, |reply, _| {
        reply.value().unwrap_or_default()["data"].as_array().map(Vec::len) == Some(3)
    });
    check_fault(Fault::PermissionLost { code: 10 }, |reply, _| fails(reply).0 == 10);
    check_fault(Fault::Internal { code: 2 }, |reply, _| status(reply) == 500 && fails(reply).0 == 2);
    check_fault(Fault::EmptyPageWithNext, |reply, world| {
        let value = reply.value().unwrap_or_default();
        let next = value["paging"]["next"].as_str().unwrap_or_default().to_owned();
        let target = next.split_once("/v25.0/").map(|(_, target)| target.to_owned()).unwrap_or_default();
        value["data"] == json!([]) && texts(&get(world, &target), "message") == ["first", "second"]
    });
}

#[test]
fn a_fault_can_be_counted_timed_and_kept_to_a_route() {
    let mut world = world();
    let comment = id(&world, "a");
    world.fault_on(FaultRule::always("w", Fault::WritesBlocked368).next(1).on(Platform::Facebook));
    assert_eq!(code(&get(&mut world, &comment)), (0, None));
    assert_eq!(code(&graph(&mut world, "POST", &format!("{comment}?is_hidden=true"))), (368, None));
    assert_eq!(code(&graph(&mut world, "POST", &format!("{comment}?is_hidden=true"))), (0, None));
    let timed = FaultRule {
        from: Some(Offset::minutes(180)),
        to: Some(Offset::minutes(240)),
        ..FaultRule::always("t", Fault::TokenRevoked)
    };
    world.fault_on(timed.route("facebook.feed"));
    assert_eq!(code(&get(&mut world, "1029/feed")), (0, None));
    world.advance(at(3));
    assert_eq!(code(&get(&mut world, "1029/feed")), (190, Some(460)));
    assert_eq!(code(&get(&mut world, "1029/published_posts")), (0, None));
    world.advance(at(4));
    assert_eq!(code(&get(&mut world, "1029/feed")), (0, None));
}

#[test]
fn deep_expansions_fail_until_they_are_made_small() {
    let mut world = world();
    world.fault_on(FaultRule::always("d", Fault::CodeOne500OnDeepExpansion { cells: 100 }));
    let deep = |limit| format!("1029/published_posts?limit={limit}&fields=id,comments.limit(10){{id,from{{id}}}}");
    assert_eq!(code(&get(&mut world, &deep(25))), (1, None));
    assert_eq!(code(&get(&mut world, &deep(10))), (0, None));
    assert_eq!(code(&get(&mut world, "1029/published_posts?fields=id,message")), (0, None));
}

#[test]
fn a_lie_says_success_and_a_late_timeout_says_nothing_though_it_is_done() {
    let mut world = world();
    let comment = id(&world, "a");
    world.fault_on(FaultRule::always("l", Fault::Lie).next(1));
    assert_eq!(graph(&mut world, "DELETE", &comment), json!({"success": true}));
    assert!(world.comment("a").is_some_and(|one| one.gone.is_none()));
    world.fault_on(FaultRule::always("t", Fault::TimeoutAfterSideEffect).next(1));
    let request = Ask::new("DELETE", &format!("/v25.0/{comment}")).header("Authorization", "Bearer EAASIMPAGE1029");
    assert!(matches!(world.handle(&request, at(2)), Reply::HangUp));
    assert_eq!(world.comment("a").map(|one| one.gone), Some(Some(Gone::ByApi)));
}
