"""python-tiktok, a public client, against the simulator: lists, hides, replies, deletes and refreshes.

Argument: the announcement of `chaperone simulate`, a JSON object. TikTok's official SDK covers advertisements only.
"""

import json
import sys
import time

from pytiktok import BusinessAccountApi
from pytiktok.error import PyTiktokError

from check import check, finish

account = json.loads(sys.argv[1])["tiktok"]
ME = account["page"]
api = BusinessAccountApi(
    app_id=account["app_id"],
    app_secret=account["app_secret"],
    access_token=account["token"],
    base_url=account["api_base"].removesuffix("/v1.3"),
)


def code_of(error):
    body = error.args[0] if error.args else {}
    return body.get("code") if isinstance(body, dict) else None


def patiently(call, *args, **kwargs):
    """Ten requests a second are the limit; whoever is faster waits, as against the real thing."""
    for _ in range(5):
        try:
            return call(*args, **kwargs, return_json=True)
        except PyTiktokError as error:
            if code_of(error) != 40100 or "QPS" not in str(error):
                raise
            time.sleep(1.1)
    raise AssertionError("throttled for ever")


def refused(code, call, *args, **kwargs):
    try:
        patiently(call, *args, **kwargs)
    except PyTiktokError as error:
        assert code_of(error) == code, error
        return
    raise AssertionError("the call was not refused")


def video():
    videos = patiently(api.get_account_videos, ME, fields=["item_id", "caption"])["data"]["videos"]
    return next(one["item_id"] for one in videos if "pharmacist" in one["caption"])


def comments(video_id, **more):
    rows, cursor = [], 0
    while True:
        page = patiently(
            api.get_video_comments, ME, video_id, sort_field="create_time", sort_order="desc", cursor=cursor, **more
        )["data"]
        rows += page["comments"]
        cursor = page["cursor"]
        if not page["has_more"]:
            return rows


def strangers_comment(video_id):
    return next(one for one in comments(video_id) if not one["owner"] and one["replies"])


def status_of(video_id, comment_id):
    found = patiently(api.get_video_comments, ME, video_id, comment_ids=[comment_id])["data"]["comments"]
    return found[0]["status"] if found else None


@check("the account says its name")
def _():
    data = patiently(api.get_account_data, ME, fields=["username", "display_name"])["data"]
    assert data == {"username": "alderbrooksurgery", "display_name": "Alderbrook Surgery"}, data


@check("videos come newest first in short pages too")
def _():
    rows, cursor = [], None
    while True:
        page = patiently(api.get_account_videos, ME, fields=["item_id", "create_time"], cursor=cursor, max_count=1)["data"]
        rows += page["videos"]
        cursor = page["cursor"]
        if not page["has_more"]:
            break
    times = [int(row["create_time"]) for row in rows]
    assert len(rows) >= 2 and times == sorted(times, reverse=True), rows


@check("the client's own models read comments and replies")
def _():
    answer = api.get_video_comments(ME, video(), sort_field="create_time", sort_order="desc")
    assert answer.data.comments and answer.data.comments[0].unique_identifier


@check("comments page to their end, replies by their own list")
def _():
    one = video()
    rows = comments(one, max_count=1)
    assert len(rows) >= 2 and len({row["comment_id"] for row in rows}) == len(rows)
    parent = strangers_comment(one)
    replies = patiently(api.get_comment_replies, ME, one, parent["comment_id"])["data"]["comments"]
    assert len(replies) == parent["replies"] and all(row["parent_comment_id"] == parent["comment_id"] for row in replies)


@check("a comment is hidden, read back, and shown again; meanwhile its replies are out of reach")
def _():
    one = video()
    parent = strangers_comment(one)["comment_id"]
    for action, status in (("HIDE", "HIDDEN"), ("UNHIDE", "PUBLIC")):
        patiently(api.hide_comment, ME, one, parent, action=action)
        assert status_of(one, parent) == status
        replies = patiently(api.get_comment_replies, ME, one, parent)["data"]["comments"]
        assert bool(replies) == (status == "PUBLIC")


@check("only the account's own comments can be deleted")
def _():
    one = video()
    parent = strangers_comment(one)["comment_id"]
    refused(40001, api.delete_comment, ME, parent)
    reply = patiently(api.create_reply, ME, one, parent, text="Thank you, please ask at the counter.")["data"]
    assert reply["parent_comment_id"] == parent
    patiently(api.delete_comment, ME, reply["comment_id"])
    refused(40007, api.delete_comment, ME, reply["comment_id"])


@check("wrong parameters are named")
def _():
    refused(40002, api.get_video_comments, ME, video(), max_count=31)
    refused(40002, api.get_account_videos, ME, fields=["caption"])
    refused(40002, api.create_comment, ME, video(), text="x" * 151)
    refused(40001, api.get_account_data, "-000Somebody")


@check("a refresh gives a new pair, after which the old one is dead")
def _():
    info = patiently(api.get_token_info, api.access_token)
    assert info["creator_id"] == ME
    old = account["refresh_token"]
    pair = patiently(api.refresh_access_token, old)
    assert pair["access_token"] != account["token"] and pair["open_id"] == ME
    patiently(api.get_account_data, ME)
    refused(40131, api.refresh_access_token, old)
    api.access_token = account["token"]
    refused(40105, api.get_account_data, ME)


finish()
