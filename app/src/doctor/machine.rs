//! The machine and its neighbours: folder, clock, mail server, virus scanner, PDF workers.

use std::{os::unix::fs::PermissionsExt, path::Path};

use beffroi_core::{Clock, Day, SystemClock};
use beffroi_documents::Gate;
use beffroi_notify::Transport;
use beffroi_typeset::{BlankForm, Contact, Job, Letterhead, Meta, Pool};

use super::Finding;
use crate::{config::Config, house, house::Parts};

const MIB: u64 = 1 << 20;
/// Below this, a day of a busy town may fill the disk.
const LITTLE_SPACE: u64 = 1024 * MIB;
/// Below this, the next backup or upload may fail.
const NO_SPACE: u64 = 128 * MIB;
/// No clock that is right shows an earlier day: the program did not exist.
const BEGINNING: Option<Day> = Day::from_ymd_opt(2026, 1, 1);

/// The folder of everything: there, writable, private, with room.
pub(super) fn folder(data: &Path) -> Vec<Finding> {
    let name = data.display();
    let metadata = match std::fs::metadata(data) {
        Ok(metadata) if metadata.is_dir() => metadata,
        Ok(_) => {
            return vec![Finding::wrong(
                "data",
                format!("{name} is not a folder"),
                "give another with --data",
            )];
        }
        Err(error) => {
            let remedy = format!(
                "make it, private, for the account that the program runs as: install -d -m 700 {name}"
            );
            return vec![Finding::wrong("data", format!("{name}: {error}"), remedy)];
        }
    };
    let written = tempfile::NamedTempFile::new_in(data).and_then(|file| file.as_file().sync_all());
    let mut findings = vec![match written {
        Ok(()) => Finding::good("data", format!("{name} can be written")),
        Err(error) => Finding::wrong(
            "data",
            format!("{name} cannot be written: {error}"),
            "run as the account that owns it, or mount it for writing",
        ),
    }];
    let open_to_others = metadata.permissions().mode() & 0o077;
    findings.push(if open_to_others == 0 {
        Finding::good("privacy", "nobody else can read the folder")
    } else {
        Finding::wrong(
            "privacy",
            format!("other accounts of this machine can reach {name}"),
            format!("chmod 700 {name}"),
        )
    });
    findings.push(space(data));
    findings
}

/// How much room is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Room {
    /// For a long time.
    Enough,
    /// Perhaps not for a busy day.
    Little,
    /// Perhaps not for the next upload.
    None,
}

/// The room that is left on the disk of a folder, in MiB, and whether that is much.
pub fn room(data: &Path) -> Result<(u64, Room), String> {
    let found = rustix::fs::statvfs(data).map_err(|error| error.to_string())?;
    let free = found.f_bavail.saturating_mul(found.f_frsize);
    let room = match free {
        free if free < NO_SPACE => Room::None,
        free if free < LITTLE_SPACE => Room::Little,
        _ => Room::Enough,
    };
    Ok((free / MIB, room))
}

fn space(data: &Path) -> Finding {
    let (mib, room) = match room(data) {
        Ok(found) => found,
        Err(error) => return Finding::warning("space", error, "look at the disk with df"),
    };
    let found = format!("{mib} MiB free");
    match room {
        Room::None => Finding::wrong("space", found, "free some space, or move the folder to a larger disk"),
        Room::Little => Finding::warning("space", found, "plan for a larger disk"),
        Room::Enough => Finding::good("space", found),
    }
}

/// Legal terms are counted from this clock. The journals tell the rest.
pub(super) fn clock() -> Finding {
    let now = SystemClock.now();
    let found = format!("{} UTC", now.format("%Y-%m-%d %H:%M:%S"));
    if BEGINNING.is_some_and(|beginning| now.date_naive() < beginning) {
        return Finding::wrong("clock", found, "set the clock, and keep it right with NTP");
    }
    Finding::good("clock", found)
}

/// The town's mail server.
pub(super) fn mail(config: &Config, parts: &Parts) -> Finding {
    let transport = match house::transport(config, parts) {
        Ok(transport) => transport,
        Err(error) => return Finding::wrong("mail", error.to_string(), "correct [smtp]"),
    };
    let server = format!("{}:{}", config.smtp.host, config.smtp.port);
    match (&transport, transport.check()) {
        (Transport::Kept, _) => {
            Finding::warning("mail", "no mail server: mail is kept, and sent to nobody", "fill in [smtp]")
        }
        (_, Ok(())) => Finding::good("mail", format!("{server} lets the town in")),
        (_, Err(error)) => Finding::wrong(
            "mail",
            format!("{server}: {error}"),
            "check [smtp] (port and security go together), the firewall, the password",
        ),
    }
}

/// The virus scanner.
pub(super) fn viruses(config: &Config, parts: &Parts) -> Finding {
    if parts.gate == Gate::Open {
        let found = "no virus scanner: files can be read as soon as they are received";
        return Finding::warning("viruses", found, "install clamav-daemon with TCPSocket, and set clamd");
    }
    match house::clamd(config).ping() {
        Ok(()) => Finding::good("viruses", format!("{} answers", config.clamd)),
        Err(error) => Finding::wrong(
            "viruses",
            format!("{}: {error}", config.clamd),
            "start clamav-daemon, and check TCPSocket and TCPAddr in clamd.conf",
        ),
    }
}

/// A child process lays a form out.
pub(super) fn pdf(parts: &Parts) -> Finding {
    match lay_a_form_out(&parts.typeset) {
        Ok(bytes) => Finding::good("pdf", format!("a form of {bytes} bytes was laid out")),
        Err(reason) => Finding::wrong(
            "pdf",
            reason,
            "let the program start itself, and look at [pdf] and the memory limits",
        ),
    }
}

/// Lays a form out, and says how many bytes it has; else why it could not be.
pub fn lay_a_form_out(typeset: &Pool) -> Result<usize, String> {
    match form().and_then(|job| typeset.render(&job)) {
        Ok(pdf) if pdf.starts_with(b"%PDF-") => Ok(pdf.len()),
        Ok(_) => Err("what was laid out is no PDF".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

fn form() -> Result<Job, beffroi_typeset::TypesetError> {
    let line = |text: &str| vec![text.to_owned()];
    let form = BlankForm {
        letterhead: Letterhead {
            commune: "Commune".to_owned(),
            place: "Commune".to_owned(),
            department: None,
            address: line("1 place de la Mairie"),
            phone: None,
            email: None,
        },
        title: "Essai".to_owned(),
        introduction: "Ce formulaire est un essai.".to_owned(),
        pages: Vec::new(),
        attachments: Vec::new(),
        return_to: Contact {
            name: "Service informatique".to_owned(),
            agent: None,
            address: line("1 place de la Mairie"),
            phone: None,
            email: None,
        },
        privacy: None,
    };
    Job::new(&form, Meta { title: "Essai".to_owned(), date: SystemClock.now().date_naive() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::State;

    #[test]
    fn a_folder_that_others_can_read_is_wrong_and_a_private_one_good() {
        let folder = tempfile::tempdir().unwrap();
        let found = |mode: u32| {
            std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(mode)).unwrap();
            let findings = super::folder(folder.path());
            findings.iter().find(|it| it.check == "privacy").map(|it| it.state)
        };
        assert_eq!(found(0o700), Some(State::Good));
        assert_eq!(found(0o750), Some(State::Wrong));
        assert_eq!(found(0o755), Some(State::Wrong));
    }

    #[test]
    fn a_file_is_no_folder() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let findings = folder(file.path());
        assert_eq!(findings.iter().map(|it| it.state).collect::<Vec<_>>(), [State::Wrong]);
    }
}
