use std::path::Path;
use std::sync::LazyLock;

use proptest::prelude::*;

use super::*;
use crate::text::fold;

const STAFF: &str = "title,forename,surname,role,aliases
Dr,Anjali,Mehta,GP Partner,Dr M;Anj
Dr,Peter,Short,GP Partner,
Dr,Deirdre,O'Hara,Salaried GP,
Dr,Xi,Wu,GP Registrar,
Nurse,Joy,Brooks,Practice Nurse,Sister Joy
Mrs,Oluwaseun,Frost-Oyelaran,Nurse Practitioner,Seun
Mr,Tomasz,Wojciechowski,Paramedic,Tommo the paramedic
Mr,Mark,Bishop,Receptionist,Mark on the desk
Mrs,Hayley,Dunne,Practice Manager,
Dr,Jürgen,Größe,Locum GP,
";

static NAMES: LazyLock<Names> = LazyLock::new(|| {
    let staff = StaffList::parse(STAFF.as_bytes(), Path::new("staff.csv")).expect("the list is right");
    let list = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<String>>();
    let forenames = list(&[
        "peter", "joy", "mark", "hayley", "tomasz", "deirdre", "anjali", "anil", "maud", "trevor", "jean", "clare",
        "tommy", "victoria", "florence", "reuben", "mary", "jack", "april",
    ]);
    let public = list(&["clare short", "joy division", "mr bean", "dr who", "florence nightingale", "jean bishop"]);
    Names::compile(&staff, Lists { forenames: &forenames, public_figures: &public })
});

/// `want`: the hits, each as text, `=`, surname or kind, and `?` for medium, `??` for low, `~` for fuzzy.
#[track_caller]
fn check(raw: &str, want: &str) {
    let staff = StaffList::parse(STAFF.as_bytes(), Path::new("staff.csv")).expect("the list is right");
    let folded = fold(raw);
    let got: Vec<String> = NAMES
        .find(&folded)
        .into_iter()
        .map(|hit| {
            let who = match hit.who {
                Who::Staff(at) => staff.people[at].surname.clone(),
                other => format!("{other:?}"),
            };
            let doubt = ["??", "?", ""][hit.certainty as usize];
            format!("{}={who}{}{doubt}", &raw[folded.raw_words(hit.words)], if hit.fuzzy { "~" } else { "" })
        })
        .collect();
    assert_eq!(got.join("|"), want, "{raw}");
}

#[test]
fn a_title_and_a_surname_are_staff() {
    check("Saw Dr Mehta today", "Dr Mehta=Mehta");
    check("doctor mehta listens", "doctor mehta=Mehta");
    check("DR. MEHTA IS A LIAR", "DR. MEHTA=Mehta");
    check("Dr Anjali Mehta's clinic", "Dr Anjali Mehta's=Mehta");
    check("Dr A Mehta", "Dr A Mehta=Mehta");
    check("Dr Anjali", "Dr Anjali=Mehta");
    check("Nurse Frost Oyelaran", "Nurse Frost Oyelaran=Frost-Oyelaran");
    check("Mrs Oyelaran", "Mrs Oyelaran=Frost-Oyelaran");
    check("dr ohara or dr o hara", "dr ohara=O'Hara|dr o hara=O'Hara");
    check("Drs Mehta, Wu and Short", "Drs Mehta=Mehta|Wu=Wu|Short=Short");
    check("Dr Groesse", "Dr Groesse=Größe");
    check("Dr Grosse", "Dr Grosse=Größe");
}

#[test]
fn a_name_that_is_a_word_needs_a_person_beside_it() {
    check("dr short was lovely", "dr short=Short");
    check("Mr Bishop hung up", "Mr Bishop=Bishop");
    check("short wait today", "");
    check("Short was rude to my mum", "Short=Short?");
    check("saw Short on Tuesday", "Short=Short?");
    check("Ask for Bishop, top man", "Bishop=Bishop?");
    check("the bishop opened the fete", "");
    check("Bishop Street is closed", "");
    check("a doctor short of time", "");
    check("Mark my words", "");
    check("mark bishop took my call", "mark bishop=Bishop?");
    check("Joy to the world", "");
    check("what a joy", "");
    check("Nurse Joy did my ears", "Nurse Joy=Brooks");
    check("the nurse, Joy I think, did my ears", "Joy=Brooks");
    check("my sister Joy is poorly", "");
}

#[test]
fn a_forename_and_a_role_are_staff_in_either_order() {
    check("Hayley the manager ignored me", "Hayley=Dunne");
    check("Hayley who manages the phones", "Hayley=Dunne");
    check("Hayley who answers the phones", "Hayley=Dunne");
    check("receptionist Mark hung up", "Mark=Bishop");
    check("a receptionist called Mark", "Mark=Bishop");
    check("Tomasz the paramedic", "Tomasz=Wojciechowski");
    check("Tommo the paramedic", "Tommo the paramedic=Wojciechowski");
    check("Mark on reception", "Mark=Bishop?");
    check("the manager (Hayley) rang back", "Hayley=Dunne");
    check("Tomasz from the bakery", "Tomasz from the bakery=Person?");
    check("my cousin Hayley works on reception at the vets", "");
}

#[test]
fn a_rare_name_stands_for_itself_and_an_everyday_one_is_a_cue() {
    check("Wojciechowski is a saint", "Wojciechowski=Wojciechowski");
    check("wojciechowski again", "wojciechowski=Wojciechowski?");
    check("mehtas receptionist", "mehtas=Mehta");
    check("Seun rang me", "Seun=Frost-Oyelaran?");
    check("When is Peter back", "Peter=Short??");
    check("Thanks Peter", "Peter=Short?");
    check("Mehta's corner shop", "");
    check("the Mehtas next door", "");
    check("Hayley, dinner's ready", "Hayley=Dunne?");
    check("Wojciechovski was great", "Wojciechovski=Wojciechowski~?");
    check("anyone but Short please", "Short=Short?");
    check("it's Bishop on reception today", "Bishop=Bishop");
    check("thanks joy x", "joy=Brooks?");
    check("a glass of anj please", "");
}

#[test]
fn initials_count_beside_a_title_or_a_role() {
    check("Dr M is great", "Dr M=Mehta");
    check("Dr AM is great", "Dr AM=Mehta?");
    check("Dr W is great", "Dr W=Wu?");
    check("the dr I saw", "");
    check("see a dr a week", "");
    check("OFO the nurse practitioner", "OFO=Frost-Oyelaran?");
    check("A.M. (GP) rang", "A.M=Mehta?");
    check("AM or PM?", "");
}

#[test]
fn slips_and_spellings_by_ear_count_beside_a_title_a_role_or_a_partner() {
    check("Dr Meta", "Dr Meta=Mehta~?");
    check("Dr Metha", "Dr Metha=Mehta~?");
    check("Doctor Voychehovski", "Doctor Voychehovski=OtherTitled");
    check("Mr Wojciehowski", "Mr Wojciehowski=Wojciechowski~?");
    check("Anjli Mehta", "Anjli Mehta=Mehta~?");
    check("Tomas the paramedic", "Tomas=Wojciechowski~?");
    check("Nurse Frost-Oyelami", "Nurse Frost-Oyelami=Frost-Oyelaran~?");
    check("meta is a company", "");
    check("Dr Mht", "Dr Mht=Mehta~?");
    check("Shrt ddnt vn lk at my lg", "Shrt=Short~?");
    check("the NHS, BBC and RSPB", "");
    check("Dr Atehm", "Dr Atehm=OtherTitled");
    check("Dr atheM", "Dr atheM=Mehta~?");
}

#[test]
fn halves_titles_and_trades_decide_about_misspelt_names() {
    check("Dr Anjali Metha", "Dr Anjali Metha=Mehta~?");
    check("Dr Deirdra O Hara", "Dr Deirdra O Hara=O'Hara~?");
    check("Dr O' Hara", "Dr O' Hara=O'Hara");
    check("Mr Wojcie chowski", "Mr Wojcie chowski=Wojciechowski~?");
    check("Woj-chie-hovski is great", "Woj-chie-hovski=Wojciechowski~?");
    check("Mehtta told me off", "Mehtta=Mehta~?");
    check("my dentist Mr Bishop", "Mr Bishop=Person?");
    check("Mr Mehta the optician", "Mr Mehta=Person?");
    check("Dr Collins", "Dr Collins=OtherTitled");
}

#[test]
fn names_run_on_are_read_and_words_are_not() {
    check("DrWuDrWu", "DrWuDrWu=Wu?");
    check("nursebrooks is kind", "nursebrooks=Brooks?");
    check("drmehtaiscrap", "drmehtaiscrap=Mehta?");
    check("a dreadful drama, missing mrsa swabs", "");
    check("markbishop", "");
}

#[test]
fn a_forename_beside_what_is_done_here_is_its_owners() {
    check("Peter did my bloods", "Peter=Short?");
    check("Is Peter doing the flu clinic on Monday", "Peter=Short?");
    check("congrats Peter on the wedding", "");
    check("Peter, your dinner is ready", "Peter=Short??");
}

#[test]
fn one_private_person_is_singled_out_by_home_trade_or_relative() {
    check("Trevor at number 9 is back", "Trevor at number 9=Person?");
    check("Maud's lad is back", "Maud's lad=Person?");
    check("Reuben the postman", "Reuben the postman=Person?");
    check("D. Fazackerley, palliative", "D. Fazackerley=Person?");
    check("vitamin D. Nobody told me", "");
}

#[test]
fn handles_and_tags_are_read() {
    check("#drmehta", "drmehta=Mehta?");
    check("#TeamDrMehta", "TeamDrMehta=Mehta?");
    check("@anjali_mehta_gp", "anjali_mehta=Mehta");
    check("thankyoudrmehta", "thankyoudrmehta=Mehta?");
    check("mark.bishop2@nhs.net", "mark.bishop2=Bishop?");
}

#[test]
fn other_peoples_names_are_not_staff() {
    check("Clare Short was an MP", "");
    check("Joy Division on the answerphone", "");
    check("Mr Bean vibes", "");
    check("Anil Mehta is my neighbour", "Anil Mehta=Person");
    check("my brother Peter Short", "Peter Short=Person?");
    check("Dr Mehta at the hospital", "Dr Mehta=OtherTitled?");
    check("A Dr Short lived here in 1949", "Dr Short=OtherTitled?");
    check("Dr Collins was rude", "Dr Collins=OtherTitled");
    check("Dr Mehta-Jones", "Dr Mehta-Jones=OtherTitled?");
    check("Bishop Auckland", "");
}

#[test]
fn private_persons_are_told_by_forename_and_surname_or_title() {
    check("Maud Ellison had a stroke", "Maud Ellison=Person");
    check("Mrs Ellison next door", "Mrs Ellison=Person");
    check("poor Reuben Fairweather-Dale", "Reuben Fairweather-Dale=Person");
    check("Mary Jean Pollitt", "Mary Jean Pollitt=Person");
    check("PRAY FOR MAUD COLLINS PLEASE", "MAUD COLLINS=Person?");
    check("Victoria Road is shut", "");
    check("Florence Nightingale would weep", "");
    check("St Mary Redcliffe", "");
    check("Jack, Monday works", "");
    check("mrs said no", "");
}

#[test]
fn clean_text_has_no_names() {
    check("", "");
    check("thank you all so much", "");
    check("Can I book a flu jab? Good Friday Opening Hours", "");
    check("the nurse will ring you, the doctor may not", "");
}

#[test]
fn a_hostile_text_full_of_titles_ends_soon_and_finds_no_more_than_it_has() {
    let folded = fold(&"dr dr Xyzzy the nurse ".repeat(2000));
    assert!(NAMES.find(&folded).len() <= 4000);
}

proptest! {
    #[test]
    fn hits_stand_inside_the_text_and_never_overlap(
        raw in "((dr|nurse|Mr|Mehta|Short|Joy|Peter|the|on|desk|O'Hara|Maud|[A-Z]|[a-z]{1,8}|\\PC{0,3})[ .,'@#()-]{0,2}){0,14}"
    ) {
        let folded = fold(&raw);
        let mut end = 0;
        for hit in NAMES.find(&folded) {
            prop_assert!(hit.words.start >= end && hit.words.end > hit.words.start);
            end = hit.words.end;
            prop_assert!(end <= folded.words.len());
        }
    }
}

proptest! {
    #[test]
    fn a_title_finds_every_long_surname_through_one_slip(
        which in 0_usize..3, at in 1_usize..12, kind in 0_usize..3, shout in any::<bool>()
    ) {
        let name = ["Wojciechowski", "Oyelaran", "Frost-Oyelaran"][which];
        let at = at.min(name.len() - 2);
        let typed = match kind {
            0 => format!("{}{}", &name[..at], &name[at + 1..]),
            1 => format!("{}{}", &name[..=at], &name[at..]),
            _ => format!("{}{}{}{}", &name[..at], &name[at + 1..at + 2], &name[at..=at], &name[at + 2..]),
        };
        let raw = format!("Saw Mrs {} today", if shout { typed.to_uppercase() } else { typed });
        let found = NAMES.find(&fold(&raw));
        prop_assert!(found.iter().any(|hit| matches!(hit.who, Who::Staff(_))), "{}", raw);
    }
}

#[test]
fn a_forename_alone_is_told_apart_from_staff_whole_names_and_words() {
    let check = |raw: &str, want: &[&str]| {
        let folded = fold(raw);
        let hits = NAMES.find(&folded);
        let got: Vec<&str> = NAMES.forenames_alone(&folded, &hits).map(|at| folded.word(at)).collect();
        assert_eq!(got, want, "{raw}");
    };
    check("Maud please ring me, and bring Trevor's jacket", &["maud", "trevor's"]);
    check("It was Hayley Dunne, not Maud Perkins", &[]);
    check("What a joy, Mark my words, see you in April", &[]);
    check("they jack it up every year", &[]);
}

#[test]
fn a_name_alone_is_surer_beside_praise_farewell_and_work() {
    check("Will miss Sister Joy so much", "Sister Joy=Brooks");
    check("that Bishop woman lost my form", "Bishop=Bishop?");
    check("Seun I know what you did", "Seun=Frost-Oyelaran?");
    check("Hayley D hung up", "Hayley D=Dunne?");
    check("Short by name and short with us", "Short=Short?");
    check("Careful, Hayley. Nice car", "Hayley=Dunne?");
    check("congratulations peter well deserved", "peter=Short?");
    check("Congratulations Peter on the wedding", "");
    check("Seun's brother supplies them", "Seun's=Frost-Oyelaran?");
    check("have a little Joy in your life", "");
}
