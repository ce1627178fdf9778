//! The texts that the bench measures on, made from a seed: everyday comments of a practice's page in the lengths that
//! comments have, the same with grievances and disguises planted, texts without a plain letter, and hostile ones.

use chaperone::lexicon::file::Lexicons;
use chaperone::lexicon::phrase::Node;

/// A small generator of numbers (SplitMix64), so that every run measures the same texts.
pub(crate) struct Lots(u64);

impl Lots {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }

    pub(crate) fn pick<'t, T: ?Sized>(&mut self, from: &[&'t T]) -> &'t T {
        from[self.below(from.len())]
    }

    /// Nearly normal, mean 0, deviation 1: the sum of twelve even lots.
    fn bell(&mut self) -> f64 {
        (0..12).map(|_| (self.next() >> 11) as f64 / (1_u64 << 53) as f64).sum::<f64>() - 6.0
    }
}

/// Sentences of a village that talks about its surgery, its weather and its fete. A word in braces is drawn from a list.
const SENTENCES: &[&str] = &[
    "{who} put the chairs away {when} before it rained",
    "Most of our street went along to the {event} {when}",
    "The {place} had its lights on {when} when we drove by",
    "My {relative} had the {thing} {when} and it went really well",
    "It was a {good} effort from the whole village",
    "We walked down to the {place} and the weather was {good}",
    "I will be there with my {relative} and the dog",
    "Shared for anybody who might need it",
    "The new {place} looks {good}, they have worked hard on it",
    "Just a reminder that the {event} starts at half past ten",
    "They moved the {thing} to another day because of the snow",
    "They have not decided the date for the {event} yet",
    "I remember when the {place} was a bakery, that was a long time ago",
    "Please bring your own cup, there will be tea and cake",
    "She showed my {relative} round the garden and the greenhouse",
    "It took about ten minutes to walk there from the {place}",
    "{who} sat at the long table near the window",
    "You can pick up a leaflet at the {place} on your way past",
    "There is a {good} view from the top of the hill",
    "Happy retirement, you have earned a rest after all these years",
    "I left a coat at the {event} {when}, it is blue with a hood",
    "They said the results of the raffle would be posted {when}",
    "My {relative} still talks about the {event} from last year",
    "Got there early and found a space right outside",
    "If you see the collection box by the door please give what you can",
    "So glad the {thing} is back on, we missed it over the winter",
    "The children drew pictures for {who} and they are on the wall",
    "It would be nice to have a bench outside the {place}",
    "Count me in for the walk, I could do with the exercise",
    "There was a good turnout and everybody enjoyed the music",
    "Our {relative} turned ninety {when} and the whole street came",
    "That is news to me, I thought it was in the other hall",
    "Mine was done {when} and I hardly felt a thing",
    "Hope you are feeling better soon and back on your feet",
    "We had to wait a little but it was worth it in the end",
    "The car park by the {place} is free after six",
    "I put the leaflet for the {event} on the fridge",
    "I have two spare tickets for the {event} if anybody wants them",
    "He tells the same story when he comes round with the post",
    "Looking forward to the {event}, it gets better every year",
];

const LISTS: &[(&str, &[&str])] = &[
    (
        "who",
        &["The nurses", "The volunteers", "All the family", "The drivers", "The ladies from the choir", "Everyone"],
    ),
    ("when", &["on Saturday", "this morning", "last week", "yesterday", "in the summer", "next month", "today"]),
    ("event", &["summer fair", "coffee morning", "carol service", "fun run", "open day", "quiz night", "jumble sale"]),
    ("place", &["library", "chemist", "village hall", "school", "surgery", "post office", "allotment", "church"]),
    ("relative", &["mum", "dad", "nan", "husband", "wife", "daughter", "son", "neighbour", "grandson"]),
    ("thing", &["flu jab", "blood test", "scan", "check up", "choir practice", "hearing test", "baby clinic"]),
    ("good", &["brilliant", "lovely", "wonderful", "great", "fantastic", "super", "grand"]),
];

const ENDS: &[&str] = &[".", ".", ".", ".", "!", ",", " and", "..."];
const TRIMMINGS: &[&str] = &[" ❤️", " 😊", " 👏👏", " – really", " café", " Zoë", " it’s", " £5", " 🎄"];

/// A corpus and the share of it that is planted.
pub(crate) struct Corpus {
    pub(crate) name: &'static str,
    pub(crate) texts: Vec<String>,
    /// Indexes of the texts that hide a word of abuse.
    pub(crate) planted: Vec<usize>,
}

impl Corpus {
    fn new(name: &'static str, texts: Vec<String>) -> Self {
        Self { name, texts, planted: Vec::new() }
    }

    pub(crate) fn bytes(&self) -> usize {
        self.texts.iter().map(String::len).sum()
    }
}

/// Everyday comments: median 93 bytes, one in a hundred over 2 KB, 8 % with something that is not ASCII.
pub(crate) fn clean(count: usize) -> Corpus {
    let mut lots = Lots::new(1);
    let texts = (0..count)
        .map(|_| {
            let mut text = everyday(&mut lots);
            if lots.below(100) < 8 {
                text.push_str(lots.pick(TRIMMINGS));
            }
            text
        })
        .collect();
    Corpus::new("clean", texts)
}

/// The same, with an example of the lexicons in 15 of 100 and a word in disguise in one of 100.
pub(crate) fn mixed(count: usize, lexicons: &Lexicons) -> Corpus {
    let examples: Vec<&str> =
        lexicons.entries.iter().flat_map(|entry| &entry.hits).map(|hit| hit.text.as_str()).collect();
    let words = abuse(lexicons);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let mut corpus = clean(count);
    corpus.name = "mixed";
    let mut lots = Lots::new(2);
    for (index, text) in corpus.texts.iter_mut().enumerate() {
        match lots.below(100) {
            0..15 => *text = format!("{} {text}", lots.pick(&examples)),
            15 => {
                *text = format!("{text} you are a {}", disguised(lots.pick(&words), &mut lots));
                corpus.planted.push(index);
            }
            _ => {}
        }
    }
    corpus
}

/// Not one plain letter: full width, Cyrillic, accents, emoji.
pub(crate) fn foreign(count: usize) -> Corpus {
    let mut lots = Lots::new(3);
    let texts = (0..count)
        .map(|_| {
            let style = lots.below(3);
            let other = |c: char| match (c, style) {
                (' ', _) => '\u{3000}',
                ('!'..='~', 0) => char::from_u32(c as u32 + 0xFEE0).unwrap_or(c),
                ('a'..='z', 1) => char::from_u32(0x430 + (c as u32 - 97)).unwrap_or(c),
                ('a' | 'A', _) => 'á',
                ('e' | 'E', _) => 'ę',
                ('o' | 'O', _) => 'ö',
                ('a'..='z', _) => char::from_u32(0x1D41A + (c as u32 - 97)).unwrap_or(c),
                _ => '😊',
            };
            everyday(&mut lots).chars().map(other).collect()
        })
        .collect();
    Corpus::new("no ASCII", texts)
}

/// Texts that somebody wrote to be slow, each of a name and of 8,000 bytes, the longest a platform lets through.
pub(crate) fn hostile(lexicons: &Lexicons) -> Vec<Corpus> {
    let repeat = |unit: &str| unit.repeat(8000 / unit.len() + 1);
    let words = {
        let mut words: Vec<String> =
            lexicons.entries.iter().flat_map(|entry| entry.hits.iter()).map(|hit| hit.text.clone()).collect();
        words.sort_by_key(|text| text.len().wrapping_mul(0x9E37) % 1009);
        words.join(" ")
    };
    let units: [(&'static str, String); 17] = [
        ("rude rude rude", repeat("rude ")),
        ("you you you", repeat("you ")),
        ("can't get through", repeat("can't get an appointment get through ")),
        ("one long word", repeat("a")),
        ("a word without end", repeat("qwertyuiopasdfghjklzxcvbnm")),
        ("stars", repeat("*")),
        ("f****", repeat("f**** ")),
        ("digits", repeat("7")),
        ("digit groups", repeat("943 476 5919 ")),
        ("at signs", repeat("@a ")),
        ("quotation marks", repeat("\"you \"idiot ")),
        ("stretched", repeat("soooo ")),
        ("letters apart", repeat("f u c k ")),
        ("titles", repeat("Dr Nurse Patel ")),
        ("unknown capitals", repeat("Xorblat Quimtle ")),
        ("leet", repeat("5h1t3 ")),
        ("every example", words.chars().take(8000).collect()),
    ];
    units.into_iter().map(|(name, text)| Corpus::new(name, vec![text; 3])).collect()
}

fn everyday(lots: &mut Lots) -> String {
    let wanted = (4.53 + 1.31 * lots.bell()).exp().clamp(8.0, 8000.0) as usize;
    let mut text = String::with_capacity(wanted + 120);
    while text.len() < wanted {
        if !text.is_empty() {
            text.push_str(lots.pick(ENDS));
            text.push(' ');
        }
        sentence(lots, &mut text);
    }
    // A cut inside a word would make an unknown word of it.
    let end = text[..wanted.min(text.len())].rfind(' ').unwrap_or(text.len().min(wanted));
    text.truncate(end);
    text
}

fn sentence(lots: &mut Lots, text: &mut String) {
    let mut rest = lots.pick(SENTENCES);
    while let Some((before, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}').unwrap_or((after, ""));
        text.push_str(before);
        let list = LISTS.iter().find(|(list, _)| *list == name).map_or(&[""] as &[&str], |(_, words)| words);
        text.push_str(lots.pick(list));
        rest = after;
    }
    text.push_str(rest);
}

/// Words that need no company to be abuse, as the shared lists hold them.
fn abuse(lexicons: &Lexicons) -> Vec<String> {
    let plain = |node: &Node| match node {
        Node::Word(forms) => forms.iter().find(|form| !form.prefix).map(|form| form.text.clone()),
        _ => None,
    };
    let lists = ["insult-strong", "insult"].iter().filter_map(|list| lexicons.lists.get(*list)).flatten();
    lists.filter_map(plain).filter(|word| word.len() >= 5 && word.is_ascii() && !word.contains('\'')).collect()
}

/// One of six disguises.
fn disguised(word: &str, lots: &mut Lots) -> String {
    let middle = word.len() / 2;
    match lots.below(6) {
        0 => word.replace('i', "1").replace('o', "0").replace('a', "4").replace('e', "3"),
        1 => word.chars().map(String::from).collect::<Vec<_>>().join(" "),
        2 => word.replace('o', "о").replace('a', "а").replace('e', "е").replace('i', "і"),
        3 => word.chars().map(String::from).collect::<Vec<_>>().join("\u{200B}"),
        4 => word.chars().map(|c| char::from_u32(c as u32 + 0xFEE0).unwrap_or(c)).collect(),
        _ => {
            let (start, end) = word.split_at(middle);
            format!("{start}{}{end}", start.chars().last().map(|c| String::from(c).repeat(4)).unwrap_or_default())
        }
    }
}
