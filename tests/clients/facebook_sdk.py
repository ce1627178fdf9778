"""Facebook's own Business SDK for Python against the simulator: lists, pages, hides, deletes and replies on both platforms.

Argument: the announcement of `chaperone simulate`, a JSON object. Uses only what stands there from midnight on.
"""

import json
import sys

from facebook_business import session
from facebook_business.adobjects.comment import Comment
from facebook_business.adobjects.igcomment import IGComment
from facebook_business.adobjects.igmedia import IGMedia
from facebook_business.adobjects.iguser import IGUser
from facebook_business.adobjects.page import Page
from facebook_business.adobjects.pagepost import PagePost
from facebook_business.adobjects.user import User
from facebook_business.api import FacebookAdsApi
from facebook_business.exceptions import FacebookRequestError

from check import check, finish

announced = json.loads(sys.argv[1])
facebook, instagram = announced["facebook"], announced["instagram"]
session.FacebookSession.GRAPH = announced["simulator"]


def api(token):
    return FacebookAdsApi.init(facebook["app_id"], facebook["app_secret"], token, crash_log=False, api_version="v25.0")


page_api = api(facebook["token"])
FIELDS = ["id", "message", "from", "created_time", "is_hidden", "can_hide", "parent"]


def refused(call, code, subcode=None):
    try:
        call()
    except FacebookRequestError as error:
        assert error.api_error_code() == code, error
        assert subcode is None or error.api_error_subcode() == subcode, error
        return error
    raise AssertionError("the call was not refused")


def post_about_flu():
    posts = Page(facebook["page"]).get_published_posts(fields=["id", "message"])
    return next(post for post in posts if "flu clinic" in post.get("message", ""))


def visitors_comment():
    comments = PagePost(post_about_flu()["id"]).get_comments(fields=FIELDS, params={"filter": "stream"})
    return next(one for one in comments if one["from"]["id"] != facebook["page"] and "message" in one)


@check("the Page says its name and its Instagram account")
def _():
    page = Page(facebook["page"]).api_get(fields=["name", "instagram_business_account{id,username}"])
    assert page["name"] == "Alderbrook Surgery"
    assert page["instagram_business_account"]["id"] == instagram["page"]


@check("posts come page by page until there is no next")
def _():
    all_at_once = [post["id"] for post in Page(facebook["page"]).get_published_posts(fields=["id"])]
    one_by_one = [post["id"] for post in Page(facebook["page"]).get_published_posts(fields=["id"], params={"limit": 1})]
    assert len(all_at_once) >= 3 and one_by_one == all_at_once, (all_at_once, one_by_one)


@check("comments come with people, times and a total above what can be read")
def _():
    comments = PagePost(post_about_flu()["id"]).get_comments(fields=FIELDS, params={"filter": "stream", "limit": 1})
    total = comments.total()
    rows = list(comments)
    assert len(rows) >= 2 and total > len(rows), (total, len(rows))
    assert rows[0]["created_time"].endswith("+0000") and rows[0]["from"]["name"]
    assert [row["created_time"] for row in rows] == sorted(row["created_time"] for row in rows)


@check("a nested field list answers with comments inside posts")
def _():
    fields = ["id", "comments.filter(stream).limit(2).summary(true){id,message,from{id},parent{id}}"]
    posts = list(Page(facebook["page"]).get_published_posts(fields=fields))
    assert any(post["comments"]["summary"]["total_count"] >= 2 for post in posts)


@check("a comment is hidden, read back, and shown again")
def _():
    comment = Comment(visitors_comment()["id"])
    for hidden in (True, False):
        comment.api_update(params={"is_hidden": hidden})
        assert comment.api_get(fields=["is_hidden"])["is_hidden"] is hidden


@check("the Instagram word for hiding does nothing on Facebook")
def _():
    comment = Comment(visitors_comment()["id"])
    comment.api_update(params={"hide": True})
    assert comment.api_get(fields=["is_hidden"])["is_hidden"] is False


@check("a reply lands under its comment and can be deleted once")
def _():
    parent = visitors_comment()["id"]
    reply = Comment(parent).create_comment(params={"message": "Please ring us so that we can help – thank you 🙂"})
    assert reply["id"] != parent
    read = Comment(reply["id"]).api_get(fields=["message", "parent", "can_hide", "from"])
    assert read["message"].endswith("🙂") and read["parent"]["id"] == parent and read["can_hide"] is False
    assert reply["id"] in [one["id"] for one in Comment(parent).get_comments(fields=["id"])]
    refused(lambda: Comment(reply["id"]).api_update(params={"is_hidden": True}), 100)
    Comment(reply["id"]).api_delete()
    refused(lambda: Comment(reply["id"]).api_delete(), 100, 33)
    refused(lambda: Comment(reply["id"]).api_get(fields=["id"]), 100, 33)


@check("a batch reads and writes in one request")
def _():
    answers = []
    batch = page_api.new_batch()
    comment = visitors_comment()["id"]
    Page(facebook["page"]).api_get(fields=["name"], batch=batch, success=answers.append)
    Comment(comment).api_update(params={"is_hidden": True}, batch=batch, success=answers.append)
    Comment(comment).api_update(params={"is_hidden": False}, batch=batch, success=answers.append)
    Comment(comment + "0").api_get(fields=["id"], batch=batch, failure=lambda one: answers.append(one.error()))
    assert batch.execute() is None and len(answers) == 4, answers
    assert answers[3].api_error_code() == 100


@check("an unknown field fails the whole call")
def _():
    refused(lambda: Comment(visitors_comment()["id"]).api_get(fields=["id", "text"]), 100)


@check("visitors' posts, reels and ratings are on their own edges")
def _():
    page = Page(facebook["page"])
    reels = list(page.get_video_reels(fields=["id"]))
    assert reels and not {reel["id"] for reel in reels} & {post["id"] for post in page.get_feed(fields=["id"])}
    assert all("recommendation_type" in one for one in page.get_ratings(fields=["recommendation_type", "review_text"]))
    list(page.get_visitor_posts(fields=["id", "message", "from"]))


@check("a person is blocked and unblocked")
def _():
    person, page = visitors_comment()["from"]["id"], Page(facebook["page"])
    page.create_blocked(params={"user": [person]})
    assert person in [one["id"] for one in page.get_blocked()]


@check("a user's token finds the Page's, and reads no comments")
def _():
    api("EAASIMUSERTOKEN000")
    try:
        accounts = list(User("me").get_accounts(fields=["id", "access_token", "tasks"]))
        assert accounts[0]["access_token"] == facebook["token"] and "MODERATE" in accounts[0]["tasks"]
        posts = list(Page(facebook["page"]).get_published_posts(fields=["id"]))
        assert list(PagePost(posts[0]["id"]).get_comments(fields=["id"])) == []
    finally:
        FacebookAdsApi.set_default_api(page_api)


@check("a token nobody gave is 190")
def _():
    wrong = api("EAAnobody")
    FacebookAdsApi.set_default_api(page_api)
    refused(lambda: Page(facebook["page"], api=wrong).api_get(fields=["id"]), 190)


MEDIA_FIELDS = ["id", "caption", "timestamp", "comments_count", "media_product_type"]
IG_FIELDS = ["id", "text", "timestamp", "username", "from", "hidden", "parent_id"]


def media_about_flu():
    media = IGUser(instagram["page"]).get_media(fields=MEDIA_FIELDS)
    return next(one for one in media if "Flu clinic" in one.get("caption", ""))


def followers_comment():
    comments = IGMedia(media_about_flu()["id"]).get_comments(fields=IG_FIELDS)
    return next(one for one in comments if one["from"]["id"] != instagram["page"] and "text" in one)


@check("Instagram media come page by page, reels among them")
def _():
    media = list(IGUser(instagram["page"]).get_media(fields=MEDIA_FIELDS, params={"limit": 1}))
    assert len(media) >= 2 and any(one["media_product_type"] == "REELS" for one in media)


@check("Instagram comments come newest first, without replies, page by page")
def _():
    media = IGMedia(media_about_flu()["id"])
    rows = list(media.get_comments(fields=IG_FIELDS, params={"limit": 1}))
    assert len(rows) >= 2 and all("parent_id" not in row for row in rows)
    assert [row["timestamp"] for row in rows] == sorted((row["timestamp"] for row in rows), reverse=True)
    assert media.api_get(fields=["comments_count"])["comments_count"] > len(rows)
    with_replies = media.get_comments(fields=["id", "replies{id,text,parent_id}"])
    assert any(row.get("replies") for row in with_replies)


@check("an Instagram comment is hidden by hide, and by nothing else")
def _():
    comment = IGComment(followers_comment()["id"])
    comment.api_update(params={"is_hidden": True})
    assert comment.api_get(fields=["hidden"])["hidden"] is False
    for hidden in (True, False):
        comment.api_update(params={"hide": hidden})
        assert comment.api_get(fields=["hidden"])["hidden"] is hidden


@check("an Instagram reply is written, listed and deleted")
def _():
    parent = followers_comment()
    reply = IGComment(parent["id"]).create_reply(params={"message": "@" + parent["username"] + " thank you"})
    assert reply["id"] in [one["id"] for one in IGComment(parent["id"]).get_replies(fields=["id"])]
    refused(lambda: IGComment(reply["id"]).api_get(fields=["text", "replies"]), 100)
    IGComment(reply["id"]).api_delete()
    refused(lambda: IGComment(reply["id"]).api_get(fields=["id"]), 100, 33)


@check("a hidden Instagram comment cannot be answered")
def _():
    comment = IGComment(followers_comment()["id"])
    comment.api_update(params={"hide": True})
    refused(lambda: comment.create_reply(params={"message": "hello"}), 100)
    comment.api_update(params={"hide": False})


@check("a visitor's comment is deleted for good")
def _():
    comment = Comment(visitors_comment()["id"])
    comment.api_delete()
    refused(lambda: comment.api_get(fields=["id"]), 100, 33)


finish()
