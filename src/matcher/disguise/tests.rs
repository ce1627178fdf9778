//! What is read out of disguises, and what is left alone.

use super::*;
use crate::text::fold;

fn disguises() -> Disguises {
    let known = "is a liar off khan best killed my dad to the you we will be waiting home time kill stab desk on useless \
                 nhs i m receptionist receptionists surgery worst rude staff doctor are answer never snake place this \
                 appointment appointments lazy cow send them back crook prescription foreigner foreigners waste space";
    let names = "patel khan young best nurse grace may butcher kowalczyk muller";
    let rude = "idiot idiots moron morons scum muppet prat twit";
    let strong = "fuck* shit shits shite shitshow shitty bollocks bitch bitches bitcher cunt cunts wanker wankers wank twat twats dick \
                  dickhead dickheads cock tosser bastard bastards prick arsehole asshole spastic whore";
    Disguises { lexis: Lexis::of(known, names, rude, strong) }
}

fn read(raw: &str) -> String {
    let folded = fold(raw);
    let readings = disguises().look(&folded, raw, |_| false).readings;
    let reread = folded.reread(raw, &readings);
    for at in 0..reread.words.len() {
        assert!(raw.get(reread.raw_words(at..at + 1)).is_some(), "{raw}: word {at} stands nowhere");
    }
    (0..reread.words.len()).map(|at| reread.word(at)).collect::<Vec<_>>().join(" ")
}

#[track_caller]
fn check(raw: &str, want: &str) {
    assert_eq!(read(raw), want, "{raw}");
}

/// Nothing is read that counts.
#[track_caller]
fn plain(raw: &str) {
    let (disguises, folded) = (disguises(), fold(raw));
    let readings = disguises.look(&folded, raw, |_| false).readings;
    let counts = |word: &String| disguises.lexis.class(word).is_some() || !words::is_ordinary(word);
    let all: Vec<&String> = readings.iter().flat_map(|reading| &reading.words).map(|(word, _)| word).collect();
    assert!(!all.iter().any(|word| counts(word)), "{raw}: {readings:?}");
}

#[test]
fn digits_and_signs_that_look_like_letters_are_read_as_letters() {
    check("Dr P4t3l is a l14r", "dr patel is a liar");
    check("Total $h!t$how", "total shitshow");
    check("$tab whoever on that de$k", "stab whoever on that desk");
    check("w@nker$ and d1ckhead5", "wankers and dickheads");
    check("!'m w4iting f0r th3m, 1t !s a ki11", "i'm waiting for them it is a kill");
}

#[test]
fn masked_words_are_read_when_they_can_only_be_one_thing() {
    check("f**k off", "fuck off");
    check("f***ing b*ll*cks!", "fucking bollocks");
    check("b****cks and c**t and sh!t", "bollocks and cunt and shit");
    check("w⚓ers", "wankers");
    check("c-nt, f.ck, f—k, sh_t, f@ck", "cunt fuck fuck shit fuck");
    check("an id**t and a m*ron", "an idiot and a moron");
    check("u*el*ss K*walczyk", "useless kowalczyk");
}

#[test]
fn letters_apart_are_joined_where_they_spell_known_words() {
    check("f u c k off", "fuck off");
    check("D r  K h a n", "dr khan");
    check("w e  w i l l  b e waiting", "we will be waiting");
    check("f.u.c.k you", "fuck you");
    check("K💩h💩a💩n", "khan");
    check("W 0 R S T surgery", "worst surgery");
    check("i.d.i.o.t, i-d-i-o-t, i_d_i_o_t, i*d*i*o*t", "idiot idiot idiot idiot");
}

#[test]
fn markup_within_a_word_is_no_letter() {
    check("**f**uck sh`it` ~~w~~anker _u_seless", "fuck shit wanker useless");
}

#[test]
fn words_in_pieces_are_put_together() {
    check("fu ck off you id iot", "fuck off you idiot");
    check("the recep tionist", "the receptionist");
    check("the re cept ionist", "the receptionist");
}

#[test]
fn words_in_one_are_parted() {
    check("#DrBestKilledMyDad", "dr best killed my dad");
    check("#nursegracemay", "nurse grace may");
    check("fuckoffyoubitch", "fuck off you bitch");
    check("receptionistsareuseless", "receptionists are useless");
    check("drpatelisaliar", "dr patel is a liar");
    check("fUcKiNg", "fucking");
}

#[test]
fn stretched_and_turned_words_are_read() {
    check("fuuuuuck", "fuck");
    check("uuuuseless shiiit", "useless shit");
    check("Nurse yaM ecarG", "nurse may grace");
    check("kcuf shpx uckfay", "fuck fuck fuck");
    check("ecalp tihs a si siht", "this is a shit place");
    check("shpx guvf cynpr", "fuck this place");
}

#[test]
fn slips_of_rude_words_are_read_and_typing_mistakes_in_long_ones() {
    check("fcuk fck fuckk bstrd wnker btich", "fuck fuck fuck bastard wanker bitch");
    check("phuck kunt shyt wanka azzhole bich", "fuck cunt shit wanker asshole bitch");
    check("the recpetionist and the surgerry, a reseptionist", "the receptionist and the surgery a receptionist");
}

#[test]
fn other_scripts_are_read_by_look_and_by_sound() {
    check("Пател", "patel");
    check("Dr Κηαη", "dr khan");
    check("шит, говоря", "shit robopr");
}

#[test]
fn ordinary_text_stays_as_it_is() {
    for text in [
        "£9.90 at 8am on the A55, B12 jab 3rd dose",
        "sn 8a55-h0le-22",
        "a s a p",
        "co op and e mail, co-op, e-mail, t-shirt, x-ray",
        "mcdonalds",
        "live at 5, 10mins, 24hrs, covid19, 2x4",
        "Scunthorpe Penistone Cockermouth Dickinson Hancock Shuttleworth",
        "a.p.p.l.e sh1rt c*mb W!FI s p r i n g f0rk",
        "e.g. P.P.G. 9.30-5.30 and/or",
        "sooo goooood thaaanks",
        "Wiśniewska Dziękuję Oluwaseun Llanfairpwll amoxicillin",
        "https://www.nhs.uk/f.u.c.k me@x.co.uk",
    ] {
        plain(text);
    }
}

#[test]
fn nothing_that_anybody_types_breaks_the_reader() {
    for text in [
        "€|e@nor",
        "€mb0u",
        "€@b",
        "*",
        "**",
        "****",
        "----",
        "f*",
        "*f",
        "'''",
        "a'",
        "💩💩💩",
        "ß*ß",
        "1",
        "!",
        "@",
        "#",
        "_a_",
    ] {
        read(text);
    }
}

proptest::proptest! {
    #[test]
    fn every_reading_points_into_the_text(raw in "[a-fikstuzA-F0-9 *!@$.'_€Кγ💩\u{200B}-]{0,50}") {
        read(&raw);
    }

    #[test]
    fn any_text_can_be_read(raw in proptest::prelude::any::<String>()) {
        read(&raw);
    }
}

#[test]
fn time_is_bounded_by_the_looks_a_text_gets() {
    // As many close looks as a text may ask for, and then some: each is counted, so the last ones get none.
    let hostile = "f*zq*k s-zh-t qz1zq ".repeat(400);
    let folded = fold(&hostile);
    let disguises = disguises();
    let mut reader = Reader::new(&disguises.lexis, &folded, &hostile);
    reader.read(|_| false);
    assert_eq!(reader.looks, 0);
}
