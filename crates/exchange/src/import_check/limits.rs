//! What is looked at before a file that came back is parsed: things that take an XML reader for ever.

/// Attributes that an element may have: readers compare each with each.
const MOST_ATTRIBUTES: usize = 256;

/// Refuses document type definitions (entities that grow) and elements with very many attributes.
///
/// # Errors
/// What is refused.
pub(super) fn look_over(text: &str) -> Result<(), String> {
    let mut rest = text;
    while let Some(place) = rest.find('<') {
        rest = &rest[place..];
        let skipped = [("<!--", "-->"), ("<![CDATA[", "]]>"), ("<?", "?>")]
            .into_iter()
            .find(|(begin, _)| rest.starts_with(begin));
        if let Some((begin, end)) = skipped {
            let inside = &rest[begin.len()..];
            // What does not end is the parser's to say.
            let Some(place) = inside.find(end) else {
                return Ok(());
            };
            rest = &inside[place + end.len()..];
            continue;
        }
        if rest.starts_with("<!") {
            return Err("it has a document type definition, which is not read".to_owned());
        }
        rest = after_tag(&rest[1..])?;
    }
    Ok(())
}

/// What follows a tag; counts its attributes.
fn after_tag(text: &str) -> Result<&str, String> {
    let mut quote = None;
    let mut attributes = 0;
    for (place, byte) in text.bytes().enumerate() {
        match (quote, byte) {
            (None, b'>') => return Ok(&text[place + 1..]),
            (None, b'"' | b'\'') => {
                quote = Some(byte);
                attributes += 1;
                if attributes > MOST_ATTRIBUTES {
                    return Err(format!(
                        "an element has more than {MOST_ATTRIBUTES} attributes"
                    ));
                }
            }
            (Some(open), close) if open == close => quote = None,
            _ => {}
        }
    }
    Ok("")
}

#[cfg(test)]
mod tests {
    use super::look_over;

    #[test]
    fn what_would_take_for_ever_is_refused_and_nothing_else() {
        let many = |count: usize| -> String {
            let all: Vec<String> = (0..count).map(|it| format!("a{it}='<'")).collect();
            format!("<x {}/>", all.join(" "))
        };
        assert_eq!(look_over(&many(200)), Ok(()));
        assert!(
            look_over(&many(100_000))
                .unwrap_err()
                .contains("attributes")
        );
        for fine in [
            "<?xml version=\"1.0\"?><!-- <!DOCTYPE x> \" --><x a=\"<!DOCTYPE>\">it's</x>",
            "<x><![CDATA[<!ENTITY a 'b'>]]></x>",
            "<x><!-- never ends",
            "<x a=\"never ends",
        ] {
            assert_eq!(look_over(fine), Ok(()), "{fine}");
        }
        for bomb in [
            "<!DOCTYPE x [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]><x>&b;</x>",
            "<!-- a --><!DOCTYPE x SYSTEM \"file:///etc/passwd\"><x/>",
        ] {
            assert!(
                look_over(bomb).unwrap_err().contains("document type"),
                "{bomb}"
            );
        }
    }
}
