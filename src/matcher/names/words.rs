//! Words that tell a name from a word: names that are ordinary English, titles, roles, relatives, cues. In: a folded
//! word. Out: what it is. Not here: forenames and public figures, which are lists of the lexicons.

use std::sync::LazyLock;

use crate::matcher::wordset::WordSet;

/// What an ordinary word is when it is no name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ordinary {
    /// `young`, `best`: what people are said to be.
    Adjective,
    /// `cook`, `butcher`, `summers`: something that needs an article, or stands in the plural.
    Thing,
    /// `hope`, `power`, `green`, `april`: something that can begin a sentence by itself.
    Mass,
    /// `will`, `may`, `mark`: something that can be done.
    Verb,
}

/// Names that are ordinary English words too.
pub(super) fn ordinary(word: &str) -> Option<Ordinary> {
    if VERBS.has(word) {
        Some(Ordinary::Verb)
    } else if ADJECTIVES.has(word) {
        Some(Ordinary::Adjective)
    } else if THINGS.has(word) {
        Some(Ordinary::Thing)
    } else if MASS.has(word) {
        Some(Ordinary::Mass)
    } else {
        None
    }
}

/// What stands before a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Title {
    /// `dr`, `mr`: nothing but a title.
    Short { clinical: bool, plural: bool },
    /// `doctor`, `nurse`, `sister`, `miss`: a word of its own too.
    Noun { clinical: bool, plural: bool },
}

impl Title {
    pub(super) fn clinical(self) -> bool {
        let (Self::Short { clinical, .. } | Self::Noun { clinical, .. }) = self;
        clinical
    }

    pub(super) fn plural(self) -> bool {
        let (Self::Short { plural, .. } | Self::Noun { plural, .. }) = self;
        plural
    }
}

pub(super) fn title(word: &str) -> Option<Title> {
    Some(match word {
        "dr" | "prof" | "doc" | "docter" | "doktor" | "doktora" | "doktorowi" => {
            Title::Short { clinical: true, plural: false }
        }
        "drs" => Title::Short { clinical: true, plural: true },
        "mr" | "mrs" | "ms" | "mx" | "mister" | "pani" | "pan" | "panu" | "pana" | "panem" => {
            Title::Short { clinical: false, plural: false }
        }
        "doctor" | "nurse" | "sister" | "matron" | "professor" | "nurses" => {
            Title::Noun { clinical: true, plural: word == "nurses" }
        }
        "doctors" => Title::Noun { clinical: true, plural: true },
        "miss" | "missus" => Title::Noun { clinical: false, plural: false },
        _ => return None,
    })
}

/// Every word that [`title`] or [`is_role`] knows.
pub(super) fn titles_and_roles() -> impl Iterator<Item = &'static str> {
    TITLE_WORDS.into_iter().chain(ROLES.iter())
}

/// Every word that [`is_common_surname`] knows.
pub(super) fn common_surnames() -> impl Iterator<Item = &'static str> {
    COMMON_SURNAMES.iter()
}

const TITLE_WORDS: [&str; 27] = [
    "dr",
    "prof",
    "doc",
    "docter",
    "doktor",
    "doktora",
    "doktorowi",
    "drs",
    "mr",
    "mrs",
    "ms",
    "mx",
    "mister",
    "pani",
    "pan",
    "panu",
    "pana",
    "panem",
    "doctor",
    "nurse",
    "sister",
    "matron",
    "professor",
    "nurses",
    "doctors",
    "miss",
    "missus",
];

/// Who works at a surgery, as a word of its own.
pub(super) fn is_role(word: &str) -> bool {
    ROLES.has(word)
}

/// Where people work at a surgery, after "on", "at", "from", "in", "behind".
pub(super) fn is_workplace(word: &str) -> bool {
    is_role(word) || WORKPLACES.has(word)
}

/// Family, friends and other people of the author's.
pub(super) fn is_relative(word: &str) -> bool {
    RELATIVES.has(word)
}

/// Words that make the name after them somebody else's: a saint's, a king's, a captain's.
pub(super) fn is_honour(word: &str) -> bool {
    HONOURS.has(word)
}

/// After a name: a street, a shop, a company, a place.
pub(super) fn is_place(word: &str) -> bool {
    PLACES.has(word)
}

/// After a name and "at", "from", "on", "of": not this surgery.
pub(super) fn is_elsewhere(word: &str) -> bool {
    ELSEWHERES.has(word)
}

/// What people are who do not work at a surgery.
pub(super) fn is_other_trade(word: &str) -> bool {
    OTHER_TRADES.has(word)
}

/// Before a name: something that is done with a person.
pub(super) fn is_cue_before(word: &str) -> bool {
    CUE_BEFORES.has(word)
}

/// After a name: something that a person does or is.
pub(super) fn is_cue_after(word: &str) -> bool {
    CUE_AFTERS.has(word)
}

/// What is done at a surgery, and what it is done to.
pub(super) fn is_surgery_work(word: &str) -> bool {
    SURGERY_WORK.has(word)
}

/// What is said of a person who works here, after "is" or "was".
pub(super) fn is_verdict(word: &str) -> bool {
    VERDICTS.has(word)
}

/// What one does who is spoken of by name, beside what [`is_cue_after`] knows.
pub(super) fn is_personal_verb(word: &str) -> bool {
    PERSONAL_VERBS.has(word)
}

/// Words by which people are thanked, praised, congratulated or seen off.
pub(super) fn is_send_off(word: &str) -> bool {
    SEND_OFFS.has(word)
}

/// What may follow "hope", "love" or "mark" where they are verbs.
pub(super) fn is_after_a_verb(word: &str) -> bool {
    matches!(
        word,
        "you"
            | "your"
            | "u"
            | "ur"
            | "to"
            | "that"
            | "it"
            | "its"
            | "i"
            | "we"
            | "he"
            | "she"
            | "they"
            | "this"
            | "all"
            | "the"
            | "my"
            | "everyone"
            | "everything"
            | "me"
            | "her"
            | "him"
            | "them"
            | "a"
            | "an"
            | "youre"
            | "theyre"
    )
}

/// What cannot follow "will" and "may" where they are verbs.
pub(super) fn is_after_no_auxiliary(word: &str) -> bool {
    matches!(
        word,
        "for"
            | "in"
            | "on"
            | "at"
            | "from"
            | "with"
            | "about"
            | "im"
            | "ive"
            | "ill"
            | "is"
            | "was"
            | "and"
            | "or"
            | "who"
            | "x"
            | "xx"
            | "xxx"
            | "doing"
            | "has"
            | "does"
            | "did"
            | "were"
            | "are"
            | "today"
            | "tomorrow"
            | "if"
            | "that"
    )
}

/// Words that stand before a noun, and never before a bare name.
pub(super) fn is_determiner(word: &str) -> bool {
    DETERMINERS.has(word)
}

/// Words that no surname is, for lower-case text after a title, and capitals that follow a forename by chance.
pub(super) fn is_no_surname(word: &str) -> bool {
    NO_SURNAMES.has(word)
}

/// Surnames so common that one alone says little, and that are not slips of other names.
pub(super) fn is_common_surname(word: &str) -> bool {
    COMMON_SURNAMES.has(word)
}

/// Forenames that nearly every street has; alone, in capitals, they say nothing about a surgery.
pub(super) fn is_everyday_forename(word: &str) -> bool {
    EVERYDAY_FORENAMES.has(word)
}

/// Short and other forms of a forename, by which people know each other.
pub(super) fn short_forms(forename: &str) -> &'static [&'static str] {
    match forename {
        "eleanor" => &["ellie", "nell", "elle", "elinor", "elenor"],
        "mohammed" | "muhammad" | "mohamed" | "mohammad" => {
            &["mo", "mohammed", "muhammad", "mohamed", "mohammad", "muhammed"]
        }
        "william" => &["will", "bill", "billy", "willy"],
        "will" => &["william"],
        "simon" => &["si"],
        "tracey" => &["tracy", "traci", "tracie"],
        "sandra" => &["sandy", "sandi"],
        "callum" => &["calum", "cal"],
        "maureen" => &["mo", "moreen"],
        "jacqueline" => &["jacqui", "jackie", "jacky", "jaqueline", "jaqui"],
        "siobhan" => &["shiv", "shivaun"],
        "robert" => &["rob", "bob", "bobby"],
        "richard" => &["rich", "dick", "ricky"],
        "michael" => &["mike", "mick", "micky"],
        "david" => &["dave"],
        "susan" => &["sue", "susie"],
        "deborah" => &["deb", "debbie", "debs"],
        "elizabeth" => &["liz", "beth", "lizzie", "libby"],
        "katherine" | "catherine" | "kathryn" => &["kate", "kath", "cath", "katie", "cathy", "kathy"],
        "christopher" => &["chris"],
        "matthew" => &["matt"],
        "daniel" => &["dan", "danny"],
        "andrew" => &["andy", "drew"],
        "anthony" => &["tony", "ant"],
        "stephen" | "steven" => &["steve", "stephen", "steven", "stevie"],
        "margaret" => &["maggie", "marge", "peggy"],
        "patricia" => &["pat", "trish", "patsy"],
        "jennifer" => &["jen", "jenny", "jenni"],
        "rebecca" => &["becky", "becca", "bex"],
        "philip" | "phillip" => &["phil", "philip", "phillip"],
        "thomas" => &["tom", "tommy"],
        "benjamin" => &["ben"],
        "samuel" | "samantha" => &["sam", "sammy"],
        "joseph" => &["joe"],
        "joanne" | "joanna" => &["jo"],
        "victoria" => &["vicky", "vicki", "vikki"],
        "alexander" | "alexandra" => &["alex", "sandy"],
        "nicholas" => &["nick", "nicky"],
        "nicola" => &["nicky", "nikki"],
        "timothy" => &["tim"],
        "edward" => &["ed", "eddie", "ted"],
        "gregory" => &["greg"],
        "kenneth" => &["ken"],
        "geoffrey" | "jeffrey" => &["geoff", "jeff"],
        "sarah" => &["sara"],
        "claire" | "clare" => &["clare", "claire"],
        "piotr" => &["piotrek", "pyotr"],
        "agnieszka" => &["aga", "agnes"],
        _ => &[],
    }
}

static ROLES: LazyLock<WordSet> = LazyLock::new(|| {
    WordSet::of(
        "receptionist receptionists recepionist receptionest nurse nurses doctor doctors doc gp gps pharmacist \
     pharmasist pharmacists paramedic paramedics physio physiotherapist manager manageress phlebotomist \
     phlebotamist prescriber coordinator ordinator trainee registrar locum hca anp matron dispenser secretary \
     practitioner midwife boss partner clinician medic assistant vampire navigator counsellor dietician \
     vaccinator telephonist admin cleaner caretaker student apprentice worker handler technician",
    )
});

static WORKPLACES: LazyLock<WordSet> = LazyLock::new(|| {
    WordSet::of(
        "reception desk phone phones surgery practice bloods pharmacy dispensary office counter clinic coordination \
     physiotherapy prescribing switchboard triage front glass screen admin secretaries nursing telephones jabs \
     treatment prescriptions there yours here medical scripts",
    )
});

static RELATIVES: LazyLock<WordSet> = LazyLock::new(|| {
    WordSet::of(
        "aunty auntie aunt uncle husband hubby wife son daughter brother bro nephew niece cousin grandson \
     granddaughter grandad grandma gran nan nana nanna mum mam mom dad mother father lad lass boy girl kid baby \
     bairn mate friend pal neighbour neighbor boyfriend girlfriend fiance fiancee fella partner stepson stepdad \
     stepmum twin sis colleague grandkid missus ex landlord boss teacher plumber dog cat toddler little godson \
     goddaughter sister sisters",
    )
});

static HONOURS: LazyLock<WordSet> = LazyLock::new(|| {
    WordSet::of(
        "king queen prince princess saint st lord lady captain capt president sir dame pope emperor duke duchess \
     baroness baron father rev reverend bishop major colonel general sergeant constable pc councillor cllr mp \
     senator minister judge old inspector detective secretary",
    )
});

static PLACES: LazyLock<WordSet> = LazyLock::new(|| {
    WordSet::of(
        "street st road rd lane ln close avenue ave drive court way grove gardens crescent terrace square row hill \
     park view house hall centre center school academy college university church chapel hospital infirmary \
     hospice pharmacy chemist ltd limited plc council club pub inn hotel restaurant cafe shop store stores \
     supermarket garage station museum gym salon foundation trust charity theatre stadium nursery estate \
     library arms bridge farm brothers bros sons co company group bakery butchers newsagents newsagent takeaway \
     chippy cup league festival wood woods valley beach island bay river lake castle fc mill primary secondary \
     infants junior ward wing suite room unit line day award awards prize appeal fund ambulance bank barracks \
     market arcade band brigade boys cancer disease syndrome method test show sponge cake pudding breakfast \
     burger burgers meal nuggets fries sauce tower towers wharf quay",
    )
});

static ELSEWHERES: LazyLock<WordSet> = LazyLock::new(|| {
    WordSet::of(
        "general hospital infirmary royal hospice casualty radio telly tv television news bbc itv box podcast \
     youtube school uni university college private spire bupa nuffield dentist dentists dental vet vets \
     optician opticians boots tesco place turkish bakery shop church council club pub gym library film corrie eastenders \
     emmerdale casualties casualty holby sitcom corner road street garage nursery chippy neighbours",
    )
});

static OTHER_TRADES: LazyLock<WordSet> = LazyLock::new(|| {
    WordSet::of(
        "optician opticians optometrist butcher butchers builder builders baker bakers dentist dentists orthodontist \
     hygienist vet vets surgeon consultant specialist plumber plumbers electrician electricians roofer roofers joiner \
     painter decorator gardener florist grocer greengrocer newsagent newsagents fishmonger barber barbers hairdresser \
     chemist chiropodist podiatrist osteopath chiropractor undertaker solicitor solicitors accountant accountants \
     teacher headteacher headmaster headmistress coach footballer cricketer golfer boxer snooker singer actor actress \
     comedian author writer poet artist politician councillor mp minister mayor vicar priest imam rabbi pastor \
     landlord landlady postman postie milkman bus driver taxi farmer mechanic plasterer tailor jeweller scaffolders \
     removals removers undertakers auctioneers estate agents coaches caterers bookies referee striker goalkeeper \
     keeper lifeguard presenter broadcaster journalist historian weatherman weathergirl detective inspector",
    )
});

static CUE_BEFORES: LazyLock<WordSet> = LazyLock::new(|| {
    WordSet::of(
        "saw see seen seeing had have got by with ask asked thanks thank ta cheers tell told under rang phoned \
     called met spoke love bless sack fire avoid request recommend booked book for via sacked hate praise miss \
     cc",
    )
});

static CUE_AFTERS: LazyLock<WordSet> = LazyLock::new(|| {
    WordSet::of(
        "answers rings calls returns was is has had did does said says told gave took called rang listened listens never couldnt didnt doesnt \
     isnt wasnt hasnt hadnt knows always deserves came went made helped looked laughed ignored refused sorted \
     rocks needs huffed tutted shouted hung saved missed misdiagnosed treated lied lies explained asked wants \
     thinks rushed cared cares spoke talked stinks picked answered fobbed dismissed killed wouldnt wont cant \
     prescribed examined jabbed just must should who rude lovely brilliant good",
    )
});

static SURGERY_WORK: LazyLock<WordSet> = LazyLock::new(|| {
    WordSet::of(
        "bloods blood needle needles vein veins smear smears jab jabs injection injections dressing dressings ulcer ulcers \
     stitches ears bp ecg coil prescription prescriptions script scripts tablets meds medication inhaler results \
     referral referred appointment appointments appt appts booked clinic clinics surgery practice desk reception \
     receptionist phones phone rang answerphone triage consultation diagnosis notes exercises exercise physio knee \
     shoulder shooder hip spine sciatica phlebotomy phlebotomist pharmacist patients patient colleague colleagues sessions \
     waiting swab vaccine vaccination vaccines walking checkup check-up review asthma diabetes wound bandage bandages",
    )
});

static VERDICTS: LazyLock<WordSet> = LazyLock::new(|| {
    WordSet::of(
        "rude lovely brilliant amazing great fab fabulous kind helpful unhelpful horrible awful brill useless \
     fantastic wonderful excellent superb disgraceful ignorant nasty patient caring dismissive condescending \
     patronising ace star diamond angel gem legend treasure liar cow joke disgrace incompetent professional \
     leave brutal so very really absolutely such super bitch snake thorough gentle rough",
    )
});

static PERSONAL_VERBS: LazyLock<WordSet> = LazyLock::new(|| {
    WordSet::of(
        "looks got gets dont can works puts tells keeps gives makes runs says went left springs carried sounds turns \
     shouts moans cracks deals talks greets chats smiles sighs rolls",
    )
});

static SEND_OFFS: LazyLock<WordSet> = LazyLock::new(|| {
    WordSet::of(
        "congratulations congrats deserved deserves retirement retiring retire retires retired leaving farewell goodbye \
     promotion promoted award thanks thank thankyou thanx cheers ta fuss bless appreciated grateful godsend lifesaver \
     missed hero heroes superstar shoutout credit hats clap proud queen disgraceful shame sack sacked useless",
    )
});

static DETERMINERS: LazyLock<WordSet> = LazyLock::new(|| {
    WordSet::of(
        "the a an my your our his her their this that these those any some every each no another good best lovely \
     nice which what one other same new different male female big little own duty nd great rude all",
    )
});

static NO_SURNAMES: LazyLock<WordSet> = LazyLock::new(|| {
    WordSet::of(
        "the a an and or but is was are were be been has had have do does did i you he she it we they them me my \
     your our his her their this that who what when where why how which can could would should might must shall \
     to of in on at for from with by about into as if so not no never always just there here then than now \
     today yesterday tomorrow again please thanks thank appointment appointments practitioner practitioners \
     surgery practice said says told gave took called rang because only even still too very also all any some \
     out up down off over back team led clinic staff manager receptionist reception nhs gp uk gps hca lol ok \
     okay hi hello monday tuesday wednesday thursday friday saturday sunday january february october november \
     december september july mon tue tues wed weds thu thurs fri sat sun christmas facebook covid flu wont \
     didnt doesnt isnt cant couldnt wasnt im ill ive u ur x xx xxx well great amazing congratulations congrats \
     happy birthday love lovely brilliant visit notes note line time tells don get got go see saw seen knows \
     needs wants makes like let lets after before until while during without through doctor nurse dr mr mrs ms \
     miss asked gets went came looked listened made put wrote sent who's refused and/or english british uncle \
     aunty mum dad oh omg wow yes hope may will",
    )
});

static COMMON_SURNAMES: LazyLock<WordSet> = LazyLock::new(|| {
    WordSet::of(
        "smith jones taylor brown williams wilson johnson davies davis patel robinson wright thompson evans walker \
     white roberts green hall thomas clarke clark jackson wood harris edwards turner martin cooper hill ward \
     hughes moore khan singh ali ahmed hussain begum kaur sharma shah lewis young baker allen king james morris \
     murphy kelly campbell anderson scott mitchell carter phillips bennett cook cooke bell bailey parker miller \
     collins shaw marshall cox simpson richardson stewart murray adams gray watson chapman rogers griffiths \
     russell graham reid kennedy harrison foster mason mills butler hunt palmer stevens fisher barnes knight \
     webb dixon lloyd ellis fox burton greene browne kane keane byrne walsh ryan doyle connor o'connor oconnor \
     macdonald mcdonald wang li chen das kumar gupta iqbal akhtar malik mahmood rahman uddin miah islam nguyen \
     tran okafor mensah nowak lang lange mays mayer powell parsons patterson paterson power powers summers \
     sommers somers brigg grace hope price pryce long west weston east holmes lawson lawrence sanders saunders \
     barker cole gill",
    )
});

static EVERYDAY_FORENAMES: LazyLock<WordSet> = LazyLock::new(|| {
    WordSet::of(
        "simon will william callum sandra lee grace hope tracey tracy dawn faith john david michael mike paul peter \
     pete mark andrew andy james jim robert rob bob steve stephen steven chris christopher richard dave ian \
     kevin kev gary alan tony anthony martin keith brian graham neil colin phil philip matt matthew dan daniel \
     tom thomas jack harry ben sam joe josh ryan adam luke jake susan sue margaret mary linda carol karen julie \
     jane janet helen anne ann anna sarah claire clare lisa nicola emma kate katie kelly laura rebecca becky \
     lucy amy hannah charlotte jo joanne debbie jean joan pat patricia barbara christine elizabeth liz alison \
     angela jennifer jenny michelle louise rachel ruth rose emily sophie chloe jess jessica ellie mo mohammed \
     muhammad ali max george charlie alex alice eleanor maureen jackie sandy cal zoe wayne darren craig scott \
     stuart jason lynn lynne val wendy sheila",
    )
});

static ADJECTIVES: LazyLock<WordSet> = LazyLock::new(|| {
    WordSet::of(
        "young best long short strong sharp bright swift wise noble savage stern sweet loud small little large bold \
     brave gentle hardy keen moody proud quick rich smart stout sturdy true wild dear blunt frank earnest early \
     good goode fair dark bland sandy rusty misty stormy gay max low high new newman old older elder bliss \
     blythe merry merriman happy close nice pretty cross crisp dry less more most much darling broad ready \
     still fox tall thin big \
     harsh mad sad randy sonny woody innocent precious lucky sunny golden clear fresh gross hasty hearty stark supple \
     ruddy divine lucid canny petty roman",
    )
});

static THINGS: LazyLock<WordSet> = LazyLock::new(|| {
    WordSet::of(
        "cook cooks butcher baker smith carpenter mason miller potter fisher shepherd farmer gardener hunter archer \
     bishop pope king queen prince knight page squire abbot dean major marshall marshal sergeant steward weaver \
     turner carter cooper wright parker porter barber chandler driver ryder rider sawyer tanner tyler wolf bull \
     lamb hawk finch crane swan drake peacock partridge bird byrd bush brook brooks rivers lake pool pond marsh \
     moor heath street parks church house hall hill hills bridges gates wells banks stone stones bell bells \
     ball balls box day days summers winters walls mills camp lodge woods fields field wall ward warden foster \
     singer walker ford head foot hand hands legg kidney bone bones cross nurse pickles peel burns cannon \
     bullock hogg badger beaver buck rabbit robin jay wren dove pike salmon herring cherry berry rose lily \
     daisy poppy iris violet pearl kit char bailey chase barrow basket bean bond booth bowls brush buckle \
     butler button cable carr castle chambers child childs cotton cox crook crouch cupboard dale dent dyer \
     eagle english french scott welsh flowers forest garland gill glass glover goodman grave graves guest gunn \
     hammer harper hart hatter hook horn horne hurst inman judge keys kitchen knott lawless leaf locke lord \
     mace mann mayor mole monk moss nail naylor noon north south west east nutt oakes pack palmer park parrott \
     peach penny pepper pitt plant plumb plummer poole post priest pye raven reader reed reeve roof root sailor \
     salt sands saunter seal self sellers seed shade shell shields ship silk skinner slater sleep snow sparks \
     sparrow spicer spring stack steel steele stock strange sugar sword tailor temple thatcher thorne thorpe \
     tower town trainer treasure trigger trout underwood vale wagstaff waite waters weeks wheeler winner worth \
     yard yates birch ash ashe bacon bass batty beard bill bills pat patsy pip ricky gene art sky star duke \
     earl baron jewel ruby angel eve carol trace tracy-ann grant hood \
     abbey amir aria aura barb beryl billy bobby brandy chad cliff col corona deb debs derrick diamond dick dimple \
     eta fang florin forum glen guy jasper jimmy jock kitty loot marina martin maverick maxim meg mickey myrtle nova \
     paddy patty phoenix piper pixie primrose raid raja ram roger rod sally sherry sierra sonata terry tom trinity \
     valentine victor warren willow arias bale bender berg bodkin bowler bowman branch brewer brick bridge burrows \
     cairn cairns canning carton case chamberlain clay collier colon combs cousins craven creed cruise curry \
     davenport deacon diver downs drum fee ferry fielding flood freeman fuller garner garrison gentry gibbon gibbons \
     glazier griffin hare harry hawthorn hays heron holder hull john johns key lane law leach leech levy \
     meadows millet monks moon mountain newton parry peck plover proctor quill rafter rails riddle ridge \
     roach rock roe scullion sears sexton singleton spears steed stein storey story swords toms toner tucker villa \
     ware watts weir wood gift crown royal prophet",
    )
});

static MASS: LazyLock<WordSet> = LazyLock::new(|| {
    WordSet::of(
        "power price hope faith grace joy love rain frost winter summer dawn money cash gold silver rice grass fern \
     heather ivy holly ginger basil rosemary olive hazel jade ivory amber amethyst coral crystal april june \
     august white green brown black gray grey blue pink scarlet golding charity constance patience prudence \
     verity mercy victory cotton wool coffee beer ale wine sage time noon harmony melody paris london chelsea \
     china india asia georgia virginia florence austin troy sydney jordan kent york lincoln derby preston \
     lancaster bolton burton christian easter noel \
     blessing blessings clement comfort destiny felicity flora goodness hyacinth jasmine linden primrose savannah \
     tansy valentine wisdom favour fortune glory praise miracle treasure promise justice unity praises mayo",
    )
});

static VERBS: LazyLock<WordSet> = LazyLock::new(|| {
    WordSet::of(
        "will may hope mark rob sue chuck drew nick wade chase price love reid read ring walk can ward grant pat \
     bill jack josh lance peg skip stew trace curb dodd hunt haste march mould pinch press quirk rush salter \
     shore speed starr swindle tuck warn winch wish yell rose chip buck bob dot don miles neil norm piers ray \
     saul tad herb ken les reg \
     parry sever hew veer blanch bray carry convey comer fall gamble marry moan pace shine manning gunning fanning \
     dunning downing browning marks",
    )
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_that_titles_are_listed_by_are_titles() {
        assert!(TITLE_WORDS.iter().all(|word| title(word).is_some()));
        assert!(titles_and_roles().all(|word| title(word).is_some() || is_role(word)));
    }
}
