//! Who writes: the town and its department, as letterhead, contact and routes of appeal.

use beffroi_core::Lang;
use beffroi_notify::messages::{self, Sender};
use beffroi_people::{Department, Town, department, town::Voice};
use beffroi_store::{Result, Tx};
use beffroi_typeset::{AppealRoutes, Contact, Letter, Letterhead, Recipient, Signatory};

/// What every paper needs of the town.
#[derive(Clone, Debug)]
pub struct Stationery {
    /// The town.
    pub town: Town,
    /// The department in charge, if it still exists.
    pub department: Option<Department>,
}

impl Stationery {
    /// Reads the town and a department.
    pub fn load(tx: &mut Tx<'_>, department: &str) -> Result<Self> {
        Ok(Self { town: Town::load(tx)?, department: department::by_slug(tx, department)? })
    }

    /// The head of a letter.
    pub fn letterhead(&self) -> Letterhead {
        letterhead(&self.town, self.department.as_ref())
    }

    /// A letter to these lines that says this, in the words that the town opens its letters with: nobody signs it yet, and
    /// nothing is joined.
    pub fn letter(&self, lines: Vec<String>, subject: String, paragraphs: Vec<String>) -> Letter {
        Letter {
            letterhead: self.letterhead(),
            recipient: Recipient { lines },
            reference: None,
            subject,
            opening: self.town.voice.opening(),
            paragraphs,
            pieces: Vec::new(),
            until: None,
            department: Some(self.contact()),
            closing: None,
            signatory: None,
            enclosures: Vec::new(),
            appeals: None,
        }
    }

    /// A letter in a language. In French the town opens and closes its letters in its own words, if it has any; `usual` are
    /// the opening and the closing in that language.
    pub fn letter_in(
        &self,
        lang: Lang,
        usual: (String, String),
        (lines, subject): (Vec<String>, String),
        paragraphs: Vec<String>,
    ) -> Letter {
        let (opening, closing) = match lang {
            Lang::Fr => (self.town.voice.opening(), self.town.voice.closing(&usual.1)),
            Lang::En => usual,
        };
        Letter { opening, closing: Some(closing), ..self.letter(lines, subject, paragraphs) }
    }

    /// Who is in charge, with postal address, telephone and, where there is one, e-mail address (CRPA R112-5, 2°; one
    /// address of both would do only where all is electronic, R112-11-1). What the department does not tell, the town
    /// hall does.
    pub fn contact(&self) -> Contact {
        contact(&self.town, self.department.as_ref())
    }

    /// How to reach the department, on one line, for the end of a mail.
    pub fn reach(&self) -> String {
        let contact = self.contact();
        [contact.phone, contact.email].into_iter().flatten().collect::<Vec<_>>().join(", ")
    }

    /// The town as the sender of a mail, with a way to reach it.
    pub fn sender<'a>(town: &'a Town, contact: &'a str) -> Sender<'a> {
        let Voice { mail_greeting, mail_closing, mail_signature, .. } = &town.voice;
        let voice =
            messages::Voice { greeting: mail_greeting, closing: mail_closing, signature: mail_signature };
        Sender { commune: &town.name, contact, voice }
    }

    /// How a decision is contested (CJA R421-1, R421-5).
    pub fn appeals(&self, first_step: Option<String>) -> AppealRoutes {
        let court = &self.town.court;
        let name = if court.name.is_empty() { "tribunal administratif" } else { &court.name };
        AppealRoutes {
            authority: self.authority(),
            court: name.to_owned(),
            court_address: court.postal_address.lines().collect::<Vec<_>>().join(", "),
            within: "deux mois".to_owned(),
            first_step,
        }
    }

    /// Who decides for the town, as one writes to them: « Madame la maire », as far as the settings tell.
    pub fn authority(&self) -> String {
        let quality = self.town.signatory.quality.trim();
        let feminine = quality.to_lowercase().starts_with("la ");
        if feminine { "Madame la maire".to_owned() } else { "Monsieur le maire".to_owned() }
    }

    /// Who signs for the town, by default.
    pub fn signatory(&self) -> Signatory {
        let signatory = &self.town.signatory;
        Signatory {
            first_name: signatory.given_name.clone(),
            name: signatory.family_name.clone(),
            quality: signatory.quality.clone(),
            delegation: None,
            handwritten: false,
        }
    }
}

/// The head of a paper of this department, or of the town hall.
pub fn letterhead(town: &Town, department: Option<&Department>) -> Letterhead {
    let contact = contact(town, department);
    Letterhead {
        commune: format!("Ville de {}", town.name),
        place: town.name.clone(),
        department: Some(contact.name).filter(|name| !name.is_empty()),
        address: contact.address,
        phone: contact.phone,
        email: contact.email,
    }
}

fn contact(town: &Town, department: Option<&Department>) -> Contact {
    let details = department.map(|department| &department.details);
    let own = |text: Option<&String>, town: &str| {
        let text = text.map_or("", String::as_str);
        if text.is_empty() { town.to_owned() } else { text.to_owned() }
    };
    let mut address: Vec<String> =
        own(details.map(|it| &it.postal_address), &town.postal_address).lines().map(str::to_owned).collect();
    // A department's own address may end with its postcode and town already.
    let has_town = address.last().is_some_and(|last| last.contains(&town.postcode));
    if !town.postcode.is_empty() && !has_town {
        address.push(format!("{} {}", town.postcode, town.name));
    }
    let some = |text: String| Some(text).filter(|text| !text.is_empty());
    Contact {
        name: own(details.map(|it| &it.name), "Mairie"),
        agent: None,
        address,
        phone: some(own(details.map(|it| &it.phone), &town.phone)),
        email: some(own(details.map(|it| &it.email), &town.email)),
    }
}
