//! How names sound, and how people write what they hear. In: folded words. Out: a key that alike names share, or the
//! names of a group that is spelt in many ways. Not here: how much likeness is enough.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::matcher::wordset::Hashed;

/// Names that are one name to the ear, or to those who bear it, though their letters say otherwise.
const GROUPS: &str = "\
siobhan shivaun shavaun shevaun shivon shavon chevonne shivorn siobahn shiobhan shivawn shivaughn siobhain chivon
niamh neve neeve nieve neave neev nimah niahm niam
caoimhe kweeva keeva queeva keva caoimh quiva
aisling ashling aisleen ashlin aislinn ashleen
sinead shinade shinaid shanade shinead sinaid
aoife eefa eva efa aoiffe eefah aiofe ifa
roisin roysheen rosheen rosin roshin
sean shawn shaun shorn
eoin owen owain eoghan eion
grainne grawnya gronya grania granya gronia
padraig porick padraic podrig patrick pawdrig padrig paudrig porrick
eilidh aylee ailey eilish eilidgh ayley eilid eileigh ailidh
ciara keira kiera kira keera
cillian killian kilian
oisin osheen usheen oshin
tadhg tige teague taig tiege
saoirse sersha searsha seersha sirsha
maeve meadhbh mave maive
dearbhla dervla derbhla
sadhbh sive sighve
ruairi rory ruari ruaridh ruairidh rurie
diarmuid dermot diarmaid dermid
cathal cahal kahal
catriona katrina caitriona katriona
mhairi vari varry vhairi mairi
seonaid shona shonaid
iain ian
sian sharn shan shaan
rhys rees reece rhyse reese
ieuan iwan yeyan ioan ifan eevan efan
huw hugh hew
dafydd davith daffyd dafyd dafid
llewellyn llewelyn lewellyn clewellyn lewelyn lewelin llewelin
wojciech voytek wojtek voitek wojciek voychek
agnieszka agneshka agnieska agneska agniezka aga
katarzyna kasia kasha katazyna katarzina katazina
malgorzata gosia gosha margozata
grzegorz gshegosh gregor grzegosz
krzysztof kristof krzystof kristoff
andrzej andzej andrei andzhey
pawel pavel
jacek yatsek yacek
lukasz lukash
michal mihal
piotr pyotr pioter peeotr
wisniewska wishnevska vishnevska wishniewska wisnyevska visnievska
nguyen win nwin nguyan ngyuen nuyen nugyen
zhang jang zang
xu shoo
mohammed muhammad mohamed mohammad muhammed mohamad mohamud mehmet
ahmed ahmad ahmet achmed
hussain hussein husain husein hussian
rahman rehman rahmen
chaudhary choudhury chowdhury chaudhry choudhary chowdry chaudry choudry chaudhuri
siddiqui siddiqi siddique sidiki sidiqi sadiqui siddiqa
sheikh shaikh shaik shaykh
syed sayed saeed sayeed said
qureshi koreshi kureshi quereshi
iqbal ikbal eqbal
yusuf yousef youssef yousuf yusef
ayesha aisha aesha aysha aiesha
beauchamp beecham beechum
cholmondeley chumley cholmondley chumleigh
featherstonehaugh fanshaw fanshawe
mainwaring mannering
marjoribanks marchbanks
menzies mingis mingus menzes
dalziel dalyell deeyell deyell
knowles noles nolls knolls
vaughan vaughn vorn vaun
leigh lee lea
cockburn coburn coeburn
urquhart urkhart urkart erkart
colquhoun cahoon calhoun cohoon colhoun
mcleod macleod mccloud macloud
milngavie mulguy
farquhar farker farquar
farquharson farkerson farquarson farkwarson
worcester wooster
st-john sinjin
hughes hews hughs
cerys kerys keris ceris
phoebe feebee phebe pheobe
chloe cloe khloe chlo
zoe zoey zowie zoee
isla eyela aila
joaquin wakeen
jesus hayzoos
xavier zavier
yvonne evonne ivonne
yvette evette
guy ghee
sioned shoned
llinos linos
gwenllian gwenthlian gwenlian gwenllyan
llyr lear
ngozi engozi ingozi ngosi
nkechi enkechi nketchi
nkrumah enkrumah krumah nkruma
ng ing eng
mwangi muwangi
kwame kwami quame kwamie
chukwuemeka emeka chuka
oluwaseun seun
asante ashanti asanti assante
okonkwo okonko okonquo
rachael rachel
stephen steven
geoffrey jeffrey
catherine katherine kathryn katharine catharine
alistair alasdair alastair allister alister aleister
philippa filipa
deborah debra
sarah sara
claire clare clair
tracey tracy tracie
lynne lyn lynn
ann anne
graham graeme grahame
neil neal kneale
neill neal oneill oneal
stuart stewart
bryan brian
elliot eliot elliott
";

static BY_NAME: LazyLock<HashMap<&'static str, Vec<u16>, Hashed>> = LazyLock::new(|| {
    let mut groups: HashMap<&'static str, Vec<u16>, Hashed> = HashMap::default();
    for (group, line) in GROUPS.lines().enumerate() {
        for name in line.split_whitespace() {
            groups.entry(name).or_default().push(group as u16);
        }
    }
    groups
});

/// Whether both are spellings of one name, of those whose spelling hides their sound.
pub(in crate::matcher::names) fn same_name(one: &str, other: &str) -> bool {
    let Some(groups) = BY_NAME.get(one) else { return false };
    BY_NAME.get(other).is_some_and(|others| groups.iter().any(|group| others.contains(group)))
}

/// Pairs of letters and what stands for them where people spell by ear; the longer before the shorter.
const BY_EAR: [(&str, &str); 41] = [
    ("szcz", "sh"),
    ("sch", "sh"),
    ("tch", "ch"),
    ("dge", "j"),
    ("mac", "mc"),
    ("ough", "o"),
    ("augh", "or"),
    ("eau", "o"),
    ("que", "k"),
    ("qui", "ki"),
    ("ph", "f"),
    ("ck", "k"),
    ("sz", "sh"),
    ("cz", "ch"),
    ("rz", "z"),
    ("gh", "g"),
    ("kn", "n"),
    ("wr", "r"),
    ("wh", "w"),
    ("dh", "d"),
    ("bh", "b"),
    ("kh", "k"),
    ("th", "t"),
    ("rh", "r"),
    ("au", "o"),
    ("aw", "o"),
    ("ee", "i"),
    ("ea", "i"),
    ("ie", "i"),
    ("ei", "i"),
    ("oo", "u"),
    ("ou", "u"),
    ("ow", "o"),
    ("oa", "o"),
    ("ay", "e"),
    ("ai", "e"),
    ("ey", "i"),
    ("x", "ks"),
    ("q", "k"),
    ("ll", "l"),
    ("y", "i"),
];

/// The word as somebody would write it who has only heard it: one spelling for each sound, no doubles.
pub(super) fn plain(word: &str) -> String {
    let mut out = String::with_capacity(word.len());
    let mut rest = word;
    while let Some(first) = rest.chars().next() {
        let (heard, len) = BY_EAR
            .iter()
            .find(|(written, _)| rest.starts_with(written))
            .map_or((&rest[..first.len_utf8()], first.len_utf8()), |(written, heard)| (*heard, written.len()));
        let heard = match heard {
            "c" if !rest[1..].starts_with(['e', 'i', 'y', 'h']) => "k",
            "c" | "z" => "s",
            "w" if !out.is_empty() => "v",
            other => other,
        };
        for c in heard.chars() {
            if !out.ends_with(c) {
                out.push(c);
            }
        }
        rest = &rest[len..];
    }
    // Neither the r nor the e of an ending is heard: "sharmer" and "sharma", "clark" and "clarke".
    if out.len() > 4 && out.ends_with("er") {
        out.truncate(out.len() - 2);
        out.push('a');
    } else if out.len() > 3 && out.ends_with('e') {
        out.pop();
    }
    out
}

/// The consonants as they sound, without doubles, silent letters and vowels; `a` for any vowel in front.
pub(super) fn sound(word: &str) -> String {
    let bytes = word.as_bytes();
    let at = |index: usize| bytes.get(index).copied().unwrap_or(0);
    let mut key = String::with_capacity(bytes.len());
    let mut index = match (at(0), at(1)) {
        (b'k' | b'g', b'n') | (b'w', b'r') | (b'p', b's') => 1,
        _ => 0,
    };
    while index < bytes.len() {
        let (letter, next) = (bytes[index], at(index + 1));
        let (sounds, len): (&str, usize) = match (letter, next) {
            (b's', b'z') if at(index + 2) == b'c' => ("x", 4),
            (b's' | b't', b'c') if at(index + 2) == b'h' => ("x", 3),
            (b'c' | b's', b'h' | b'z') => ("x", 2),
            (b'p', b'h') => ("f", 2),
            (b'c', b'k') => ("k", 2),
            (b'c', b'q') | (b'q', b'u') if letter == b'c' || index > 0 => ("kv", if letter == b'c' { 3 } else { 2 }),
            (b'q', b'u') => ("kv", 2),
            (b'g', b'h') => (if index == 0 { "g" } else { "" }, 2),
            (b'd', b'g') => ("j", 2),
            (b't', b'h') => ("t", 2),
            (b'z' | b's', _) | (b'c', b'e' | b'i' | b'y') => ("s", 1),
            (b'c' | b'k' | b'q', _) => ("k", 1),
            (b'x', _) => ("ks", 1),
            (b'w' | b'v', _) => ("v", 1),
            (b'g', b'e' | b'i') if index > 0 => ("j", 1),
            (b'a' | b'e' | b'i' | b'o' | b'u' | b'y', _) => (if index == 0 { "a" } else { "" }, 1),
            (b'h', _) => ("", 1),
            _ => (word.get(index..=index).unwrap_or(""), 1),
        };
        for c in sounds.chars() {
            if !key.ends_with(c) {
                key.push(c);
            }
        }
        index += len;
    }
    // The r of an ending is not heard: "sharmer" and "sharma".
    if key.len() > 2 && key.ends_with('r') && word.ends_with("er") {
        key.pop();
    }
    key
}
