//! Facebook's listings, fields and writes, as facebook.md has them.

use super::*;

#[test]
fn facebook_lists_top_level_oldest_first_unless_told_otherwise() {
    let mut world = world();
    let post = id(&world, "p");
    let first = get(&mut world, &format!("{post}/comments?fields=message&summary=true"));
    assert_eq!(texts(&first, "message"), ["first", "", "cannot be hidden"]);
    assert_eq!(first["summary"], json!({"order": "chronological", "total_count": 6, "can_comment": true}));
    let newest =
        get(&mut world, &format!("{post}/comments?fields=message&filter=stream&order=reverse_chronological&summary=1"));
    assert_eq!(texts(&newest, "message"), ["cannot be hidden", "", "Please ring us.", "second", "first"]);
    assert_eq!(newest["summary"]["total_count"], 8);
    let ranked = id(&world, "ranked");
    let ranked = get(&mut world, &format!("{ranked}/comments?fields=message&order=chronological&summary=1"));
    assert_eq!(
        (texts(&ranked, "message"), &ranked["summary"]["order"]),
        (vec!["liked".into(), "dull".into()], &json!("ranked"))
    );
}

#[test]
fn facebook_pages_give_cursors_to_the_last_and_next_only_when_there_is_more() {
    let mut world = world();
    let post = id(&world, "p");
    let one = get(&mut world, &format!("{post}/comments?fields=message&filter=stream&limit=3&since=2027-01-01"));
    let next = one["paging"]["next"].as_str().expect("a next page").to_owned();
    assert!(one["paging"]["cursors"]["before"].is_string() && one["paging"].get("previous").is_none(), "{one}");
    assert!(
        next.contains("access_token=EAASIMPAGE1029&pretty=0&fields=message") && next.contains("filter=stream"),
        "{next}"
    );
    let (_, target) = next.split_once("/v25.0/").expect("a versioned link");
    let two = get(&mut world, target);
    assert_eq!(texts(&two, "message"), ["", "cannot be hidden"]);
    assert!(two["paging"]["cursors"]["after"].is_string() && two["paging"].get("next").is_none(), "{two}");
    assert!(two["paging"]["previous"].is_string());
    let empty = get(&mut world, &format!("{post}/comments?limit=0&summary=true"));
    assert_eq!((empty["data"].clone(), empty.get("paging")), (json!([]), None));
}

#[test]
fn a_cursor_dies_with_the_row_that_it_points_at() {
    let mut world = world();
    let post = id(&world, "p");
    let one = get(&mut world, &format!("{post}/comments?limit=1"));
    let after = one["paging"]["cursors"]["after"].as_str().expect("a cursor").to_owned();
    world.delete_by_author("a");
    assert_eq!(code(&get(&mut world, &format!("{post}/comments?limit=1&after={after}"))), (100, None));
}

#[test]
fn nested_fields_answer_with_edges_of_their_own() {
    let mut world = world();
    let answer = get(
        &mut world,
        "1029/published_posts?limit=1&fields=id,message,created_time,story,comments.filter(stream).order(reverse_chronological)\
         .limit(1).summary(true).as(newest){id,message,from{id},parent{id},attachment{type}},comments.limit(0).summary(true)",
    );
    let post = &answer["data"][0];
    assert_eq!(post["created_time"], "2026-11-17T23:00:00+0000");
    assert_eq!((post.get("story"), post["comments"]["data"].clone()), (None, json!([])));
    assert_eq!(post["newest"]["data"][0]["message"], "cannot be hidden");
    let author = world.comment("stuck").map(|comment| comment.author.clone());
    assert_eq!(post["newest"]["data"][0]["from"], json!({"id": author}));
    assert!(post["newest"]["paging"]["next"].as_str().is_some_and(|next| next.contains("/comments?")), "{post}");
    assert_eq!(code(&get(&mut world, "1029/feed?fields=id,nonsense")), (100, None));
    assert_eq!(code(&get(&mut world, "1029/feed?fields=id,comments{hidden}")), (100, None));
    assert_eq!(code(&get(&mut world, "1029/feed?fields=id{")), (2500, None));
}

#[test]
fn post_edges_leave_out_what_the_real_ones_leave_out() {
    let mut world = world();
    let mut keys = |edge: &str| {
        let answer = get(&mut world, &format!("1029/{edge}?fields=id"));
        texts(&answer, "id").iter().filter_map(|id| world.post(id).map(|post| post.key.clone())).collect::<Vec<_>>()
    };
    assert_eq!(keys("published_posts"), ["p", "ranked", "album"]);
    assert_eq!(keys("feed"), ["visit", "p", "ranked", "album"]);
    assert_eq!(keys("visitor_posts"), ["visit"]);
    assert_eq!(keys("video_reels"), ["reel"]);
    let album = id(&world, "album");
    let answer =
        get(&mut world, &format!("{album}?fields=attachments{{subattachments{{target{{id}},type}}}},comments{{id}}"));
    assert_eq!(answer["comments"]["data"], json!([]));
    let photo =
        answer["attachments"]["data"][0]["subattachments"]["data"][0]["target"]["id"].as_str().expect("a photo");
    let on_photo = get(&mut world, &format!("{photo}/comments?fields=message"));
    assert_eq!(texts(&on_photo, "message"), ["cake"]);
}

#[test]
fn what_cannot_be_hidden_is_refused() {
    let mut world = world();
    let (own, stuck) = (id(&world, "own"), id(&world, "stuck"));
    assert_eq!(code(&graph(&mut world, "POST", &format!("{own}?is_hidden=true"))), (100, None));
    assert_eq!(code(&graph(&mut world, "POST", &format!("{stuck}?is_hidden=true"))), (200, None));
    assert_eq!(get(&mut world, &format!("{stuck}?fields=can_hide"))["can_hide"], false);
}

#[test]
fn a_second_delete_finds_nothing_and_replies_go_with_their_parent() {
    let mut world = world();
    let (comment, reply) = (id(&world, "a"), id(&world, "b"));
    assert_eq!(graph(&mut world, "DELETE", &comment), json!({"success": true}));
    assert_eq!(code(&graph(&mut world, "DELETE", &comment)), (100, Some(33)));
    assert_eq!(code(&get(&mut world, &reply)), (100, Some(33)));
    assert_eq!(world.comment("b").map(|comment| comment.gone), Some(Some(Gone::WithParent)));
}

#[test]
fn a_reply_is_a_new_comment_and_a_message_on_the_comment_itself_edits_it() {
    let mut world = world();
    let comment = id(&world, "a");
    let bearer = |ask: Ask| ask.header("Authorization", "Bearer EAASIMPAGE1029");
    let target = format!("/v25.0/{comment}/comments");
    let reply = ask(&mut world, bearer(Ask::new("POST", &target).form("message=Please+ring+us")));
    let reply = reply["id"].as_str().expect("an id").to_owned();
    assert_ne!(reply, comment);
    let read = get(&mut world, &format!("{reply}?fields=message,parent{{id}},from{{id}}"));
    assert_eq!(
        read,
        json!({"id": reply, "message": "Please ring us", "parent": {"id": comment}, "from": {"id": "1029"}})
    );
    let last = comment.rsplit('_').next().expect("a last segment").to_owned();
    let edit = ask(&mut world, bearer(Ask::new("POST", &format!("/v25.0/{last}")).json(&json!({"message": "edited"}))));
    assert_eq!(edit, json!({"success": true}));
    assert_eq!(get(&mut world, &comment)["message"], "edited");
}

#[test]
fn visitors_posts_are_hidden_rather_than_deleted() {
    let mut world = world();
    let visit = id(&world, "visit");
    assert_eq!(code(&graph(&mut world, "DELETE", &visit)), (200, None));
    assert_eq!(graph(&mut world, "POST", &format!("{visit}?is_hidden=true")), json!({"success": true}));
    assert!(world.post("visit").is_some_and(|post| post.hidden));
    world.knobs_mut().visitor_posts_deletable = true;
    assert_eq!(graph(&mut world, "DELETE", &visit), json!({"success": true}));
}
