//! Which column of a data file is what: as `columns` says, or by the names that laboratories use.

use gutbrain_network::reading::did_you_mean;
use gutbrain_network::{Code, Fault};

use super::super::node::Node;
use super::rows::Reader;

/// What a column can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Time,
    Value,
    Spread,
    Animals,
    Unit,
    Arm,
    Observable,
    Event,
    Subject,
}

impl Role {
    /// Its key in `columns`.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Time => "time",
            Self::Value => "value",
            Self::Spread => "spread",
            Self::Animals => "n",
            Self::Unit => "unit",
            Self::Arm => "arm",
            Self::Observable => "observable",
            Self::Event => "event",
            Self::Subject => "subject",
        }
    }

    /// The names that are taken for it, in small letters.
    pub(super) fn names(self) -> &'static [&'static str] {
        match self {
            Self::Time => &[
                "time", "time_d", "age", "age_d", "day", "days", "week", "weeks", "t", "last_d",
            ],
            Self::Value => &[
                "value",
                "mean",
                "measured",
                "measurement",
                "result",
                "level",
            ],
            Self::Spread => &["sd", "sem", "se", "ci95", "spread", "error"],
            Self::Animals => &["n", "animals"],
            Self::Unit => &["unit", "units"],
            Self::Arm => &["arm", "group", "treatment"],
            Self::Observable => &["observable", "variable", "analyte", "marker"],
            Self::Event => &["event", "died", "dead", "status"],
            Self::Subject => &["subject", "animal", "id"],
        }
    }
}

impl Reader<'_> {
    /// The column of a role, if there is one; of several by name none is chosen silently.
    pub(super) fn column(&self, role: Role) -> Option<usize> {
        self.column_named(role, role.names())
    }

    /// The same with these names.
    pub(super) fn column_named(&self, role: Role, names: &[&str]) -> Option<usize> {
        if let Some(node) = self.mapped(role) {
            return self.written(node);
        }
        let found: Vec<usize> = names.iter().filter_map(|it| self.sheet.find(it)).collect();
        if let [first, second, ..] = found[..] {
            let name = |column: usize| self.sheet.headings[column].name.as_str();
            let word = role.word();
            let message = format!(
                "both `{}` and `{}` could be the column of `{word}`",
                name(first),
                name(second)
            );
            let help = format!("write `columns = {{ {word} = \"{}\" }}`", name(first));
            let place = self.sheet.heading_place(second);
            let fault = Fault::new(Code::Contradiction, message, &place);
            self.faults.add(fault.help(help));
        }
        found.first().copied()
    }

    /// The same where there must be one.
    pub(super) fn needed(&self, role: Role) -> Option<usize> {
        let found = self.column(role);
        if found.is_none() && self.mapped(role).is_none() {
            let word = role.word();
            let message = format!("the data file has no column for `{word}`");
            let help = format!(
                "its columns are {}: write `columns = {{ {word} = \"NAME\" }}`, or name one `{}`",
                self.sheet.names(),
                role.names()[0],
            );
            let place = self.sheet.header_place();
            let fault = Fault::new(Code::BadData, message, &place);
            self.faults.add(fault.help(help));
        }
        found
    }

    /// What `columns` says of a role.
    fn mapped(&self, role: Role) -> Option<&Node> {
        let columns = self.table.get("columns")?;
        columns.get(role.word()).filter(|it| it.text().is_some())
    }

    /// The column that the scenario names.
    fn written(&self, node: &Node) -> Option<usize> {
        let name = node.text()?;
        let found = self.sheet.find(name);
        if found.is_none() {
            let message = format!("`{}` has no column `{name}`", self.file);
            let names = self.sheet.headings.iter().map(|it| it.name.as_str());
            let help = did_you_mean(name, names)
                .unwrap_or_else(|| format!("its columns are {}", self.sheet.names()));
            let fault = Fault::new(Code::UnknownName, message, &node.place);
            self.faults.add(fault.help(help));
        }
        found
    }
}
