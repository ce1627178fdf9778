//! Instagram's listings and refusals, as instagram.md has them.

use super::*;

#[test]
fn instagram_lists_newest_first_top_level_only_with_poor_paging() {
    let mut world = world();
    let media = id(&world, "m");
    let all = get(&mut world, &format!("{media}/comments?limit=500&order=chronological"));
    let rows = all["data"].as_array().expect("rows").clone();
    assert_eq!(rows.len(), 2, "{all}");
    assert!(rows[0].get("text").is_none() && rows[1]["text"] == "useless 😡", "a picture comment has no text: {all}");
    assert_eq!(all.get("paging"), None);
    let one = get(&mut world, &format!("{media}/comments?limit=1"));
    assert!(one["paging"]["next"].is_string() && one["paging"]["cursors"].get("before").is_none(), "{one}");
    let nested =
        get(&mut world, "17841400000000001/media?fields=comments_count,comments{text,replies{text,parent_id}}");
    assert_eq!(nested["data"][0]["comments_count"], 4);
    let with_reply = &nested["data"][0]["comments"]["data"][1];
    assert_eq!(with_reply["replies"]["data"][0]["text"], "agreed");
    assert_eq!(nested["data"][0]["comments"]["data"][0].get("replies"), None);
}

#[test]
fn instagram_refuses_what_the_sheet_says_it_refuses() {
    let mut world = world();
    let (comment, reply, media) = (id(&world, "i"), id(&world, "i-reply"), id(&world, "m"));
    assert_eq!(code(&get(&mut world, &format!("{reply}?fields=text,replies{{id}}"))), (100, None));
    assert_eq!(code(&get(&mut world, &format!("{comment}?fields=attachment"))), (100, None));
    assert_eq!(code(&graph(&mut world, "POST", &format!("{comment}/comments?message=hi"))), (100, Some(33)));
    let parent = graph(&mut world, "POST", &format!("{reply}/replies?message=hello"));
    let parent = parent["id"].as_str().expect("an id").to_owned();
    assert_eq!(world.comment(&parent).and_then(|one| one.parent.clone()), Some(comment.clone()));
    graph(&mut world, "POST", &format!("{comment}?hide=true"));
    assert_eq!(code(&graph(&mut world, "POST", &format!("{comment}/replies?message=hi"))), (100, None));
    graph(&mut world, "POST", &format!("{media}?comment_enabled=false"));
    assert_eq!(code(&graph(&mut world, "POST", &format!("{media}/comments?message=hi"))), (100, None));
}

#[test]
fn fifty_is_the_most_that_instagram_gives_at_once() {
    let mut world = world();
    let media = id(&world, "m");
    for number in 0..60 {
        let script = CommentScript {
            post: Some("m".into()),
            author: Some("crowd".into()),
            text: Some(format!("{number}")),
            ..CommentScript::default()
        };
        world.add_comment(&script).expect("a post");
    }
    let answer = get(&mut world, &format!("{media}/comments?limit=100"));
    assert_eq!(answer["data"].as_array().map(Vec::len), Some(50));
}
