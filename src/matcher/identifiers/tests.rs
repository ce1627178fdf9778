use super::*;
use proptest::prelude::*;

fn own() -> OwnDetails {
    OwnDetails::new(
        &["Alderbrook Surgery".into()],
        "14 Mill Lane, Alderbrook, AB21 9ZZ",
        &["01632 960123".into()],
        &["reception@alderbrooksurgery.example".into()],
        &["alderbrooksurgery.example".into()],
    )
}

/// `want` is what is marked, each as `kind:text`, separated by `|`; a `?` after the kind says medium.
#[track_caller]
fn check(raw: &str, want: &str) {
    let folded = fold(raw);
    let got: Vec<String> = identifiers(&folded, &own())
        .into_iter()
        .map(|found| {
            let kind = found.kind.entry().trim_start_matches("identifier/").to_owned();
            let mark = if found.certainty == Certainty::Medium { "?" } else { "" };
            format!("{kind}{mark}:{}", &raw[folded.raw_span(found.span)])
        })
        .collect();
    assert_eq!(got.join("|"), want, "{raw}");
}

#[test]
fn nhs_numbers_are_found_in_any_grouping_and_in_words() {
    check("my NHS number is 485 777 3457", "nhs-number:485 777 3457");
    check("NHS No: 4857773457", "nhs-number:4857773457");
    check("nhs 485.777.3457 thanks", "nhs-number:485.777.3457");
    check("485-777-3457 please look me up", "nhs-number:485-777-3457");
    check("nhs num 48 57 77 34 57", "nhs-number:48 57 77 34 57");
    check("N.H.S no. 485/777/3457", "nhs-number:485/777/3457");
    check("4 8 5 7 7 7 3 4 5 7", "nhs-number?:4 8 5 7 7 7 3 4 5 7");
    check("can you find me under 4857773457", "nhs-number?:4857773457");
    check(
        "four eight five, triple seven, three four five seven",
        "nhs-number:four eight five, triple seven, three four five seven",
    );
    check("485 777 3457 is my nhs number", "nhs-number:485 777 3457");
    check("my son's number is 485 777 3457", "nhs-number:485 777 3457");
    check("CHI 0101564859", "nhs-number?:0101564859");
}

#[test]
fn a_claimed_number_counts_even_when_its_check_digit_is_wrong() {
    check("nhs number 485 777 3456", "nhs-number?:485 777 3456");
    check("my number is 485 777 3456", "nhs-number?:485 777 3456");
    check("485 777 3456", "");
}

#[test]
fn ten_digits_of_other_things_are_no_nhs_number() {
    check("order number 4857773457 never came", "");
    check("tracking 4857773457", "");
    check("£4,857,773,457 for the NHS", "");
    check("ISBN 4857773457", "");
    check("raised 4,857,773,457 in total", "");
    check("1234567890 is not a number", "");
    check("nhs number 999 999 9999", "");
    check("nhs no 123 456 7890", "");
    check("ticket 485-777-3457-11", "");
    check("INV4857773457", "");
    check("IBAN GB29 NWBK 6016 1331 9268 19", "");
    check("card 4929 1234 5678 9012", "");
    check("at 1700000000 seconds", "");
    check("serial no 4857773457", "");
}

#[test]
fn dates_of_birth_are_found_in_every_british_format() {
    check("dob 3/4/56", "date-of-birth:3/4/56");
    check("D.O.B. 03.04.1956", "date-of-birth:03.04.1956");
    check("date of birth: 3rd of April 1956", "date-of-birth:3rd of April 1956");
    check("born on 3 April 56", "date-of-birth:3 April 56");
    check("born on the 4th of the 3rd 1956", "date-of-birth:4th of the 3rd 1956");
    check("Ada Brook b. 3 April 1956", "date-of-birth:3 April 1956");
    check("DOB - 1956-04-03", "date-of-birth:1956-04-03");
    check("born Apr 3rd, 1956", "date-of-birth:Apr 3rd, 1956");
    check("dob 03041956", "date-of-birth:03041956");
    check("DOB:030456", "date-of-birth:030456");
    check("d o b 3-4-56", "date-of-birth:3-4-56");
    check("her birthday is 22nd June 2019", "date-of-birth:22nd June 2019");
    check("14.2.48 is my date of birth", "date-of-birth:14.2.48");
    check("born third of april nineteen fifty six", "date-of-birth:third of april nineteen fifty six");
    check("dob twenty first march nineteen eighty", "date-of-birth:twenty first march nineteen eighty");
    check("dob12/11/70", "date-of-birth:12/11/70");
    check("Maud Ellison, 4/11/1937", "date-of-birth?:4/11/1937");
    check("12 May 1961 Trevor Haigh", "date-of-birth?:12 May 1961");
    check("Mrs Haigh 12/05/61", "date-of-birth?:12/05/61");
    check("J. Haigh 12/05/61", "date-of-birth?:12/05/61");
    check("Haigh, Trevor 12/05/61", "date-of-birth?:12/05/61");
}

#[test]
fn other_dates_are_no_date_of_birth() {
    check("my appointment is 3/4/26 at 10", "");
    check("since 18/01/2024 nobody rang", "");
    check("Opened 12 May 1961 by the Mayor", "");
    check("the NHS was born on 5 July 1948", "");
    check("birthday party on 05/11/25 at the hall", "");
    check("Ellison Arcade, closed 4/11/1937", "");
    check("born in 1956", "");
    check("31/02/1956 born", "");
    check("see page 3/4/56/7", "");
    check("version 1.2.34", "");
}

#[test]
fn full_postcodes_are_found_however_they_are_typed() {
    check("I'm in AB21 4RT", "postcode:AB21 4RT");
    check("ab21 4rt", "postcode?:ab21 4rt");
    check("AB214RT?", "postcode:AB214RT");
    check("postcode is m1 1ae", "postcode:m1 1ae");
    check("EC1A 1BB and W1A0AX", "postcode:EC1A 1BB|postcode:W1A0AX");
    check("B33-8TH", "postcode:B33-8TH");
    check("my post code S10 9TH", "postcode:S10 9TH");
    check("mike one, one alpha echo", "postcode?:mike one, one alpha echo");
    check("postcode sierra ten two foxtrot golf", "postcode:sierra ten two foxtrot golf");
}

#[test]
fn what_only_looks_like_a_postcode_is_none() {
    check("AB21 area", "");
    check("the M25 9 times", "");
    check("had my B12 3rd jab", "");
    check("S10 9th door", "");
    check("K1 NGS blocked the ramp", "");
    check("YX67 ABC", "");
    check("B12 1mg tablets", "");
    check("our surgery is AB21 9ZZ", "");
    check("Alderbrook Library, 2 Market Place, AB21 1AA", "");
    check("QA1 2BC", "");
    check("E10 5th floor", "");
}

#[test]
fn addresses_are_found_with_number_and_street() {
    check("I live at 9 Elm Close", "address:9 Elm Close");
    check("we're at 12a high street", "address:12a high street");
    check("Number 4 St Mary's Road, they never came", "address:Number 4 St Mary's Road");
    check("Flat 2, 17 Harbour Walk", "address:Flat 2, 17 Harbour Walk");
    check("flat 3 Tanners Court", "address:flat 3 Tanners Court");
    check("22-24 Upper Fold", "address:22-24 Upper Fold");
    check("number 17 on Ash Grove", "address:number 17 on Ash Grove");
    check("send it to 5 The Crescent", "address:5 The Crescent");
    check("6 orchard road not 9", "address?:6 orchard road");
    check("Rose Cottage, Church Lane", "address?:Rose Cottage, Church Lane");
    check("mum is at 31 Beech Avenue, Alderbrook, AB21 4RT", "address:31 Beech Avenue, Alderbrook|postcode:AB21 4RT");
}

#[test]
fn numbers_beside_roads_and_organisations_are_no_address() {
    check("5 minutes down the road", "");
    check("turn left at 40 mph sign, Long Street", "");
    check("Mill Lane is flooded", "");
    check("In 2019 Mill Lane flooded", "");
    check("2 way street", "");
    check("14 Mill Lane is the surgery", "");
    check("Village Hall, 3 Church Road, 7pm", "");
    check("Unit 4, Brook Business Park", "");
    check("waited 3 hours in the car park", "");
    check("8 in a row", "");
    check("5 Star Way to go", "");
    check("36 Otley Road bus stop is moving", "");
    check("Jumble sale, 14 Church Street, all welcome", "");
    check("only 2 disabled spaces in the close", "");
}

#[test]
fn phones_are_found_in_any_form() {
    check("07700 900318", "phone:07700 900318");
    check("+44 7700 900318", "phone:+44 7700 900318");
    check("+44 (0)7700 900318", "phone:+44 (0)7700 900318");
    check("0044 7700 900318", "phone:0044 7700 900318");
    check("ring 020 7946 0377", "phone:020 7946 0377");
    check("(0161) 496 0385", "phone:0161) 496 0385");
    check("0161-496-0385", "phone:0161-496-0385");
    check("0770 0900 318", "phone:0770 0900 318");
    check(
        "oh seven seven double oh nine double oh three one eight",
        "phone:oh seven seven double oh nine double oh three one eight",
    );
    check("call me 7700 900318", "phone?:7700 900318");
    check("ring me on 496038", "phone?:496038");
    check("WhatsApp +1 555 010 9999", "phone:+1 555 010 9999");
    check("447700900318", "phone?:447700900318");
    check("tel07700900318", "phone:07700900318");
    check("07700 9oo318", "phone:07700 9oo318");
}

#[test]
fn numbers_that_everybody_knows_are_no_phone_of_anybody() {
    check("ring 01632 960123", "");
    check("call us on 960123", "");
    check("ring 111 or 999", "");
    check("116 123 is Samaritans", "");
    check("0800 1111", "");
    check("01632 is the code", "");
    check("sort code 20-30-40 account 44556677", "");
    check("the library is on 01632 960777", "");
    check("Hospital: 0161 496 0000", "");
    check("0300 123 4567", "");
    check("phones open at 8, 40 calls waiting", "");
}

#[test]
fn emails_are_found_plain_and_disguised() {
    check("kev.o'dowd@post.example", "email:kev.o'dowd@post.example");
    check("kev [at] post [dot] example", "email?:kev [at] post [dot] example");
    check("kev(at)post.example", "email?:kev(at)post.example");
    check("kev at gmail dot com", "email?:kev at gmail dot com");
    check("kev at gmail.com", "email?:kev at gmail.com");
    check("jo dot smith at post dot example", "email?:jo dot smith at post dot example");
    check("kev_99 @ gmail.com", "email?:kev_99 @ gmail.com");
    check("info@gmail.com", "email:info@gmail.com");
    check("jo.smith7@nhs.net", "email:jo.smith7@nhs.net");
}

#[test]
fn mailboxes_of_desks_and_other_at_signs_are_no_persons_email() {
    check("reception@alderbrooksurgery.example", "");
    check("anyone@mail.alderbrooksurgery.example", "");
    check("alderbrook.scripts@nhs.net", "");
    check("bookings@villagehall.example", "");
    check("look at nhs.uk", "");
    check("the form at alderbrooksurgery.example", "");
    check("@daz_h88 look", "");
    check("tiktok.com/@kev", "");
    check("meet at 8.30", "");
    check("I was at work dot dot dot", "");
}

#[test]
fn national_insurance_numbers_need_a_valid_prefix_or_a_claim() {
    check("AB 12 34 56 C", "ni-number:AB 12 34 56 C");
    check("ab123456c", "ni-number:ab123456c");
    check("NI: QQ 12 34 56 C", "ni-number?:QQ 12 34 56 C");
    check("national insurance JH 12 34 56", "ni-number?:JH 12 34 56");
    check("JH123456A is my national insurance number", "ni-number:JH123456A");
    check("part no JH 45 67 89 C", "");
    check("GB 12 34 56 C", "");
    check("JH 12 34 56", "");
    check("model AB123456C", "");
}

#[test]
fn hospital_numbers_need_to_be_called_one() {
    check("hospital number K482911", "hospital-number:K482911");
    check("my hosp no is 0449127", "hospital-number:0449127");
    check("MRN 12345678", "hospital-number:12345678");
    check("hosp num zero four four nine one two seven", "hospital-number:zero four four nine one two seven");
    check("unit number 123-456", "hospital-number:123-456");
    check("patient ID: RXK 123456", "hospital-number:RXK 123456");
    check("asset tag K482911", "");
    check("Unit 4 is shut", "");
    check("hospital number 9 bus", "");
    check("the hospital number is 0161 496 0000", "");
}

#[test]
fn several_identifiers_of_one_person_are_all_found() {
    check(
        "Maud Ellison, 9 Elm Close, 07700 900445, dob 2/2/51",
        "address:9 Elm Close|phone:07700 900445|date-of-birth:2/2/51",
    );
    check("9 Elm Close, 2/2/51, AB21 4RT", "address:9 Elm Close|date-of-birth?:2/2/51|postcode:AB21 4RT");
}

#[test]
fn clean_text_has_none() {
    check("", "");
    check("Thank you all so much, 10/10, five stars", "");
    check("waited 45 minutes, 3 times, since 8.30 on 2nd May", "");
    check("one two three, testing", "");
    check("COVID-19 and flu jabs 2025/26", "");
}

proptest! {
    #[test]
    fn spans_stand_on_character_boundaries_and_never_overlap(raw in "[a-zA-Z0-9 .,@/+()\\-£é’０-９\n]{0,80}|\\PC{0,60}") {
        let folded = fold(&raw);
        let mut end = 0;
        for found in identifiers(&folded, &own()) {
            prop_assert!(folded.text.get(found.span.clone()).is_some_and(|text| !text.is_empty()));
            prop_assert!(found.span.start >= end);
            end = found.span.end;
            prop_assert!(raw.get(folded.raw_span(found.span)).is_some());
        }
    }

    #[test]
    fn any_valid_number_that_is_claimed_is_found(first in 400_000_000_u32..800_000_000) {
        let digits = (0..10).map(|last| format!("{first}{last}")).find(|digits| numbers::has_check_digit(digits));
        if let Some(digits) = digits {
            let found = identifiers(&fold(&format!("NHS number {digits}")), &own());
            prop_assert!(found.iter().any(|found| found.kind == Kind::NhsNumber), "{}", digits);
        }
    }

    #[test]
    fn a_valid_number_that_is_claimed_is_found_whatever_stands_between_its_digits(
        first in 400_000_000_u32..800_000_000, gaps in proptest::collection::vec("|| |-|\\.|/|_", 9)
    ) {
        let digits = (0..10).map(|last| format!("{first}{last}")).find(|digits| numbers::has_check_digit(digits));
        if let Some(digits) = digits {
            let written: String = digits.chars().zip(gaps.iter().map(String::as_str).chain([""])).fold(
                String::new(),
                |text, (digit, gap)| format!("{text}{digit}{gap}"),
            );
            let found = identifiers(&fold(&format!("NHS number: {written} please")), &own());
            prop_assert!(found.iter().any(|found| found.kind == Kind::NhsNumber), "{}", written);
        }
    }

    #[test]
    fn ten_digits_with_a_wrong_check_digit_are_none_unless_claimed(number in 4_000_000_000_u64..7_000_000_000) {
        let digits = number.to_string();
        if !numbers::has_check_digit(&digits) {
            for raw in [digits.clone(), format!("order {digits} came"), format!("ref {} {} {}", &digits[..3], &digits[3..6], &digits[6..])] {
                let found = identifiers(&fold(&raw), &own());
                prop_assert!(found.is_empty(), "{}", raw);
            }
        }
    }

    #[test]
    fn every_mobile_is_found_however_it_is_grouped(rest in 300_000_000_u64..600_000_000, cuts in proptest::collection::vec(3_usize..6, 1..3)) {
        let digits = format!("07{rest}");
        let mut written = String::new();
        let mut at = 0;
        for cut in cuts {
            let end = (at + cut).min(digits.len() - 3);
            written.push_str(&digits[at..end]);
            written.push(' ');
            at = end;
        }
        written.push_str(&digits[at..]);
        let found = identifiers(&fold(&format!("ring me on {written}")), &own());
        prop_assert!(found.iter().any(|found| found.kind == Kind::Phone), "{}", written);
    }
}

#[test]
fn claims_in_more_words_count_and_pieces_of_longer_numbers_do_not() {
    check("N.H.S. number 485-777-3456", "nhs-number?:485-777-3456");
    check("the NHS number I have is 4857773456", "nhs-number?:4857773456");
    check("485 777 3457 is my mums number", "nhs-number:485 777 3457");
    check("call 0800 33 3030", "");
    check("Ref 7552190153 on the text", "");
    check("the hospital number on the letter is D205 699", "hospital-number:D205 699");
    check("scanned under X116540 at the General", "hospital-number?:X116540");
    check("asset tag JC878803C", "");
    check("dob 19530427", "date-of-birth:19530427");
    check("I'll be 70 on 12 August 2025", "date-of-birth:12 August 2025");
    check("33 Beech Rd, Alderbrook", "address:33 Beech Rd, Alderbrook");
    check("Thirty-one Barracks Close stinks", "address:Thirty-one Barracks Close");
    check("number 6 bus along Queens Walk", "");
    check("kev (a) homenet.example", "email?:kev (a) homenet.example");
    check("email me at kev at homenet.example", "email?:kev at homenet.example");
    check("kev@gmail,com", "email:kev@gmail,com");
    check("look at homenet.example", "");
}
