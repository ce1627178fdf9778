-- What Chaperone remembers. One file, one practice.
-- Every time is unix milliseconds, UTC, in a column whose name ends in _at. Every flag is 0 or 1.
-- Words of people (texts, names, author ids) stand sealed in blob columns and pass through store/evidence.rs only.
-- Rows of comments, versions, verdicts, reasons and decisions are the evidence: they are added to, not rewritten.

create table meta (               -- single facts about this store
    key   text not null primary key,
    value text not null
) strict;

create table vault (              -- one row: what the evidence is sealed with
    id     integer primary key check (id = 1),
    key    text not null,         -- fingerprint of the key, which stands elsewhere
    lookup blob not null          -- sealed: the key that finds an author or a text again without opening it
) strict;

create table page (               -- one row per page ever watched
    id           integer primary key,
    platform     text not null check (platform in ('facebook', 'instagram', 'tiktok')),
    page_id      text not null,   -- as the configuration names it
    name         text,            -- what the platform calls it, if it said
    watch_at     integer not null,-- the first poll was begun: what was written later is no backlog
    baseline_at  integer,         -- the first poll that listed the posts ended; null: the backlog is still being remembered
    first_ok_at  integer,         -- first successful poll
    last_ok_at   integer,         -- last successful poll
    next_poll_at integer,         -- no poll before this: pace, back-off, or what the platform asked for
    quiet        integer not null default 0 check (quiet in (0, 1)), -- the platform asked for the wait until next_poll_at
    failures     integer not null default 0 check (failures >= 0), -- polls failed in a row
    down_at      integer,         -- not being read since
    down_why     text,            -- why, in words
    down_help    text,            -- what a person does next, in words
    posts_swept_at integer,       -- the listing of posts was last followed to its end
    writes_at    integer,         -- the platform allows no writes before this
    unique (platform, page_id),
    check ((down_at is null) = (down_why is null))
) strict;

create table post (               -- one row per post, reel, photo, video or visitor's post that comments hang on
    id          integer primary key,
    page        integer not null references page (id),
    post_id     text not null,
    kind        text not null check (kind in ('post', 'reel', 'photo', 'visitor')),
    created_at  integer,          -- as the platform said, if it did
    permalink   text,             -- where a person can see it; none of a visitor's post, which is that visitor's comment
    words       blob,             -- the page's own words, for the people who look at a comment under it; none of a visitor's
    text_hash   blob,             -- HMAC of them: how a change is noticed
    first_seen_at integer not null,
    watched     integer not null default 0 check (watched in (0, 1)), -- the cursor still visits it
    read_at     integer,          -- its newest comments were last read
    swept_at    integer,          -- all its comments were last read to the end
    total       integer,          -- what the platform counted then
    unique (page, post_id)
) strict;

create table comment (            -- one row per comment, reply or visitor's post; what it says is in comment_version
    id          integer primary key,
    page        integer not null references page (id),
    post        integer not null references post (id),
    comment_id  text not null,    -- the platform's id, opaque
    parent_id   text,             -- the comment it answers, by the platform's id; it need not be known here
    kind        text not null check (kind in ('comment', 'reply', 'visitorpost')),
    author_id   blob,             -- the platform's stable id of the author, if given
    author_name blob,             -- the shown name, if given
    author_key  blob,             -- HMAC: finds the same author again without opening the id
    by_page     integer not null check (by_page in (0, 1)),  -- written by the page itself: kept as context, never judged
    created_at  integer,          -- when it was written, as the platform said, if it did
    permalink   text,             -- where a person can see it
    version     integer not null check (version >= 1),       -- the text now: number of its row in comment_version
    text_hash   blob not null check (length(text_hash) = 32),-- HMAC of the text now: how an edit is noticed
    baseline    integer not null check (baseline in (0, 1)), -- was there before the watch began: remembered, not judged
    hidden      integer not null check (hidden in (0, 1)),   -- as last listed, by whomever
    can_hide    integer check (can_hide in (0, 1)),          -- null: the platform did not say
    can_delete  integer check (can_delete in (0, 1)),        -- null: the platform did not say
    replies_read_at integer,      -- its replies were last listed to the end
    our_hide_at integer,          -- our hide was seen to hold; null once somebody showed it again
    gone_at     integer,          -- seen to be gone from the platform
    erased_at   integer,          -- what people said and who they are was erased: kept no longer, or at their wish
    first_seen_at integer not null, -- begin of the poll that found it
    last_seen_at  integer not null, -- begin of a poll that listed it; up to an hour behind
    turn        integer not null default 0, -- number of the last change of what a search goes by; triggers keep it
    unique (page, comment_id)
) strict;
create index comment_author on comment (page, author_key) where author_key is not null;
create index comment_parent on comment (page, parent_id) where parent_id is not null;
create index comment_first_seen on comment (page, first_seen_at);
create index comment_turn on comment (turn);

-- Changes of what a search goes by are numbered through all comments, in the order in which they were made: whoever keeps
-- something for searching reads what has a higher number than it has seen (store/shelf.rs), whichever process wrote it.
create trigger comment_is_new after insert on comment begin
    update comment set turn = (select max(turn) + 1 from comment) where id = new.id;
end;
create trigger comment_has_changed after update of version, author_name, hidden, gone_at, erased_at on comment
when (old.version, old.author_name is null, old.hidden, old.gone_at, old.erased_at)
    is not (new.version, new.author_name is null, new.hidden, new.gone_at, new.erased_at) begin
    update comment set turn = (select max(turn) + 1 from comment) where id = new.id;
end;

create table comment_version (    -- every text a comment ever had while watched, the present one included
    comment     integer not null references comment (id),
    version     integer not null check (version >= 1), -- 1 is the first
    words       blob not null,    -- the text; empty for picture-only comments
    salt        blob not null check (length(salt) = 16), -- random; lets the audit chain vouch for the text without giving it away
    attachments text not null,    -- JSON array: picture, sticker, gif, video, link, unknown
    seen_at     integer not null,
    primary key (comment, version)
) strict, without rowid;

create table shown_again (        -- words that somebody showed again after our hide: we do not fight the staff, should they come back
    comment   integer not null references comment (id),
    text_hash blob not null check (length(text_hash) = 32), -- HMAC of the words
    seen_at   integer not null,   -- begin of the poll that first found them shown
    primary key (comment, text_hash)
) strict, without rowid;

create table verdict (            -- what the rules made of one version of a comment; its id is the incident's number
    id            integer primary key,
    comment       integer not null,
    version       integer not null,
    action        text not null check (action in ('allow', 'escalate', 'hide', 'delete')),
    alert         text not null check (alert in ('none', 'digest', 'now')),
    tell          text not null,  -- JSON array: who is told, in the policy's words
    report        integer not null check (report in (0, 1)), -- a person is to report it to the platform
    drafts        text not null,  -- JSON array: templates to draft from
    categories    text not null,  -- JSON array: categories that bear on the verdict
    private       text not null,  -- JSON array of {start, end}: where the text names private persons, in bytes
    reasons       integer not null check (reasons >= 0),     -- how many rows in reason
    rules_version text not null,
    mode          text not null check (mode in ('observe', 'enforce')), -- in force when it was judged
    exempt        integer not null default 0 check (exempt in (0, 1)), -- its author was exempt then: rules only cover identifiers
    judged_at     integer not null,
    unique (comment, version),
    foreign key (comment, version) references comment_version (comment, version)
) strict;
create index verdict_judged on verdict (judged_at);
create trigger comment_is_judged after insert on verdict begin
    update comment set turn = (select max(turn) + 1 from comment) where id = new.comment;
end;

create table reason (             -- why a verdict is what it is; one row per finding that a rule made something of
    verdict    integer not null references verdict (id),
    position   integer not null,  -- 0 is the first
    category   text not null,
    entry      text not null,     -- lexicon entry, identifier or name: 'complaint/worst-service'
    start_byte integer not null,  -- where in the text, in bytes
    end_byte   integer not null check (end_byte >= start_byte),
    certainty  text not null check (certainty in ('low', 'medium', 'high')),
    how        text not null check (how in ('exact', 'folded', 'fuzzy', 'identifier', 'name')),
    clause_key text,              -- the lexicon entry's key, which the policy resolves
    action     text not null check (action in ('allow', 'escalate', 'hide', 'delete')),
    alert      text not null check (alert in ('none', 'digest', 'now')),
    clause     text not null,     -- the place in the practice's policy
    note       text,              -- what the rule said, where something overrode it
    hides_since_at   integer,     -- since when what it rests on, as it was then, had been hiding; null: from the beginning
    deletes_since_at integer,     -- the same for deleting
    primary key (verdict, position)
) strict, without rowid;

create index reason_entry on reason (entry, verdict);

create table rule_known (         -- every form that a part of the rules ever had in force, so that its age is known
    name     text not null,       -- lexicon entry, 'staff/KEY', 'points CATEGORY', 'policy CATEGORY CERTAINTY ACTION'
    print    blob not null check (length(print) = 16), -- changes whenever it finds, or does, something else
    since_at integer,             -- first in force; null: when this store began, which counts as old
    rules_version text not null,  -- the rules that first had it so
    in_force integer not null check (in_force in (0, 1)), -- part of the rules that were put in force last
    primary key (name, print)
) strict, without rowid;

create table decision (           -- what people decided about an incident, and why
    id      integer primary key,
    verdict integer not null references verdict (id),
    what    text not null check (what in ('uphold', 'restore', 'hide', 'delete', 'note', 'undo')),
    who     text not null,
    why     blob not null,        -- may repeat what the comment says, so it is handled as evidence
    decided_at integer not null,
    undoes  integer unique references decision (id), -- the decision that this one takes back
    check ((what = 'undo') = (undoes is not null))
) strict;
create index decision_verdict on decision (verdict, what);
create trigger comment_is_decided after insert on decision begin
    update comment set turn = (select max(turn) + 1 from comment)
    where id = (select comment from verdict where verdict.id = new.verdict);
end;

create view standing as           -- decisions that decide something and were not taken back
    select * from decision
    where what not in ('note', 'undo') and not exists (select 1 from decision undo where undo.undoes = decision.id);

create table outbox (             -- one row per action owed to a platform; closed, never deleted; none in observe mode
    id          integer primary key,
    verdict     integer not null references verdict (id),
    decision    integer unique references decision (id), -- the person's word that asks for it; null: the verdict does
    comment     integer not null references comment (id),
    page        integer not null references page (id),
    intended    text not null check (intended in ('reply', 'show', 'hide', 'delete')), -- only people show again
    ceiling     text not null check (ceiling in ('reply', 'show', 'hide', 'delete')), -- the most that is still tried; goes down, never up
    state       text not null check (state in ('due', 'done', 'already', 'superseded', 'dead')),
        -- done: achieved and seen; already: somebody else had done it, or it was gone; superseded: the text was edited,
        -- or a person decided otherwise; dead: given up, a human has to do it
    due_at      integer not null,
    lease_until_at integer,       -- somebody is at it until then; a crash frees it
    attempts    integer not null default 0 check (attempts >= 0), -- begun tries that count
    lies        integer not null default 0 check (lies >= 0),     -- writes answered with success and without effect
    written     text check (written in ('reply', 'show', 'hide', 'delete')), -- the last write begun; committed before it is sent
    written_at  integer,
    draft       text,             -- the fixed reply that is owed, by the name of its draft
    said        text,             -- the practice's own words as they were sent: what is looked for before it is sent again
    charged     text,             -- the young lexicon entry whose allowance of the day this hide is counted against
    achieved    text check (achieved in ('escalate', 'reply', 'show', 'hide', 'delete')), -- what was done in the end
    verified_at integer,          -- reading back showed it
    trace       text,             -- the platform's own id of the exchange
    note        text,             -- why it came out as it did, in words
    last_error  text,             -- a fixed word, never a message: 'throttled', 'token', 'transient' …
    exempt      integer not null default 0 check (exempt in (0, 1)), -- superseded because its author had become exempt
    made_at     integer not null,
    closed_at   integer,
    check ((state = 'due') = (closed_at is null)),
    check ((written is null) = (written_at is null)),
    check (intended <> 'show' or decision is not null),
    check ((intended = 'reply') = (draft is not null))
) strict;
create unique index outbox_verdict on outbox (verdict) where decision is null and intended <> 'reply';
-- Once per comment, whatever became of it; only what was withdrawn before it was begun does not count.
create unique index outbox_reply on outbox (comment) where intended = 'reply' and (state <> 'superseded' or written is not null);
create index outbox_answer on outbox (verdict) where intended = 'reply';
create index outbox_state on outbox (state);
create index outbox_due on outbox (due_at) where state = 'due';
create index outbox_comment on outbox (comment);
create index outbox_written on outbox (page, written_at) where written_at is not null;
create index outbox_charged on outbox (charged, written_at) where charged is not null;

create table alert (              -- one row per incident that people are told of at once, or that somebody has taken in hand
    id         integer primary key,
    verdict    integer not null unique references verdict (id),
    state      text not null check (state in ('due', 'sent', 'acknowledged')),
    due_at     integer,           -- next sending; null: no more
    repeats    integer not null default 0 check (repeats >= 0), -- sent so often
    sent_at    integer,           -- last sent
    acknowledged_at integer,
    acknowledged_by text
) strict;
create index alert_due on alert (due_at) where due_at is not null;

create table waiting (            -- incidents that may wait for a person: the queue looks at no others; triggers keep it
    verdict integer primary key references verdict (id)
) strict;
create trigger found_for_people after insert on verdict -- what nobody settles but people
when new.reasons > 0
    and (new.alert = 'now' or new.action = 'escalate' or new.categories like '%"safeguarding"%'
         or new.categories like '%"question"%' or new.categories like '%"complaint"%') begin
    insert into waiting (verdict) values (new.id) on conflict do nothing;
end;
create trigger taken_up after insert on alert begin
    insert into waiting (verdict) values (new.verdict) on conflict do nothing;
end;
create trigger fell_short after update of state, achieved on outbox
when new.state = 'dead' or new.achieved <> new.intended begin
    insert into waiting (verdict) values (new.verdict) on conflict do nothing;
end;
create trigger decided after insert on decision when new.what not in ('note', 'undo') begin
    delete from waiting where verdict = new.verdict;
end;
create trigger taken_back after insert on decision when new.what = 'undo' begin
    insert into waiting (verdict) values (new.verdict) on conflict do nothing;
end;

create table hold (               -- comments that must be kept whatever retention and their author say: a legal hold
    id      integer primary key,
    comment integer not null references comment (id),
    who     text not null,
    why     blob not null,        -- handled as evidence
    held_at integer not null,
    released_at integer,          -- null: it holds
    released_by text,
    check ((released_at is null) = (released_by is null))
) strict;
create unique index hold_open on hold (comment) where released_at is null;

create table exemption (          -- authors to whom rules do nothing, but to cover an identifier: a person's word
    id         integer primary key autoincrement, -- a row that is forgotten leaves its number to nobody
    page       integer not null references page (id),
    author_key blob not null check (length(author_key) = 32), -- HMAC, as in comment; no name stands here
    verdict    integer not null references verdict (id), -- the incident by which the author was named
    salt       blob not null check (length(salt) = 16), -- lets the chain vouch for the author without giving them away
    who        text not null,
    why        blob not null,     -- handled as evidence
    since_at   integer not null,
    ended_at   integer,           -- null: in force
    ended_by   text,
    ended_why  blob,              -- handled as evidence
    check ((ended_at is null) = (ended_by is null)),
    check ((ended_at is null) = (ended_why is null))
) strict;
create unique index exemption_open on exemption (author_key) where ended_at is null;

create table author_step (        -- the author ladder: what people did about an author; only people climb it
    id         integer primary key autoincrement, -- a row that is forgotten leaves its number to nobody
    page       integer not null references page (id),
    author_key blob not null check (length(author_key) = 32), -- HMAC, as in comment; no name stands here
    verdict    integer not null references verdict (id), -- the incident that it is about
    salt       blob not null check (length(salt) = 16), -- lets the chain vouch for the step without saying whose it is
    step       text not null check (step in ('contact', 'second-contact', 'warning', 'legal-advice', 'removal')),
    police     integer not null check (police in (0, 1)), -- the person said that violence was reported to the police
    who        text not null,
    why        blob not null,     -- handled as evidence
    taken_at   integer not null,
    until_at   integer not null,  -- the policy's window ends: it counts no longer and is forgotten
    withdrawn_at integer,         -- it was written down by mistake
    withdrawn_by text,
    check ((withdrawn_at is null) = (withdrawn_by is null))
) strict;
create index author_step_author on author_step (author_key);

create table poll (               -- one row per cycle of a page
    id         integer primary key,
    page       integer not null references page (id),
    started_at integer not null,
    ended_at   integer not null,
    outcome    text not null check (outcome in ('ok', 'partial', 'failed', 'blind')),
        -- partial: the posts were listed, something under them was not read; blind: counted, and not shown to us
    error      text,              -- a fixed word for what broke it
    requests   integer not null,
    posts      integer not null,
    comments   integer not null,  -- listed, known and new
    fresh      integer not null,  -- found for the first time
    malformed  integer not null,  -- could not be read and were put aside
    unread     text not null      -- JSON array: what could not be read to the end, in words
) strict;
create index poll_when on poll (page, started_at);

create table gap (                -- times without a successful poll
    id      integer primary key,
    page    integer not null references page (id),
    from_at integer not null,
    to_at   integer,              -- null: still open
    why     text not null
) strict;
create unique index gap_open on gap (page) where to_at is null;

create table notice (             -- what people must hear of that is no comment
    id    integer primary key,
    at    integer not null,       -- when
    page  integer references page (id),
    kind  text not null,          -- rules-refused, token, brake, blind, throttled, error …
    comment text,                 -- the comment it is about, by the platform's id, known here or not; goes with its words
    words text not null,          -- what happened and what to do; never holds a comment's text
    once  text unique             -- told once for this key
) strict;
create index notice_at on notice (at);
create index notice_comment on notice (page, comment) where comment is not null;

create table tally (              -- running counts for whoever watches the program: rows need not be counted, and purges take nothing
    page  integer not null references page (id),
    what  text not null check (what in ('poll', 'request', 'verdict', 'category')),
    kind  text not null,          -- of a poll its outcome, of a request '', of a verdict its action
    about text not null,          -- of 'category' that category, else ''
    count integer not null check (count >= 0),
    primary key (page, what, kind, about)
) strict, without rowid;

create table digest_sent (        -- one row per digest that went out
    id      integer primary key,
    from_at integer not null,
    to_at   integer not null,     -- the next digest begins here
    sent_at integer not null,
    how     text not null         -- mail or directory
) strict;

create table audit (              -- append-only, each row's hash covers the one before; store/audit.rs
    id        integer primary key,-- 1, 2, 3 … without a gap
    at        integer not null,
    what      text not null,      -- a fixed word: 'verdict', 'act.begun', 'act.settled' …
    who       text not null,      -- 'chaperone', or the person
    detail    text not null,      -- JSON: numbers, ids, fixed words; no text and no name of anybody commented on
    prev_hash blob not null check (length(prev_hash) = 32),
    hash      blob not null check (length(hash) = 32)
) strict;
create index audit_acknowledged on audit (json_extract(detail, '$.incident')) where what = 'incident.acknowledged';
create index audit_sent on audit (id) where what = 'alert.sent';
create trigger audit_is_not_rewritten before update on audit begin
    select raise(abort, 'the audit table is append-only');
end;
create trigger audit_only_grows before insert on audit
when new.id is not (select coalesce(max(id), 0) + 1 from audit) begin -- `insert or replace` fires no delete trigger
    select raise(abort, 'the audit table is append-only');
end;
create trigger audit_is_not_deleted before delete on audit begin
    select raise(abort, 'the audit table is append-only');
end;

create table user (               -- who may use the console
    name      text primary key,   -- to sign in with, in small letters
    full_name text not null,      -- how decisions are signed
    role      text not null check (role in ('reader', 'reviewer', 'admin')),
    password  text not null,      -- argon2id, in PHC form
    made_at   integer not null,
    changed_at integer not null   -- password or role
) strict, without rowid;

create table session (            -- who is signed in; a reload or a restart signs nobody out
    token   blob primary key check (length(token) = 32), -- SHA-256 of what the browser holds
    user    text not null references user (name),
    begun_at integer not null,
    used_at integer not null      -- up to a minute behind
) strict, without rowid;
create index session_user on session (user);

create table edit (               -- versions of the files that people tune, saved in the console
    id        integer primary key,
    file      text not null,      -- 'en/complaint.toml', 'lists/greeting.toml', 'staff'
    words     blob not null,      -- the whole file; sealed, because a staff list names people
    who       text not null,
    why       blob not null,      -- handled as evidence
    edited_at integer not null
) strict;
create index edit_file on edit (file);
