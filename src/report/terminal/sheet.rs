//! One table: a title, a header, rows of one line each, cut to length and width.

use anstyle::Style;
use comfy_table::{CellAlignment, ContentArrangement, LineStyle, Table, TableStyle};

use super::{BAD, FAINT, HEADING, Look, ODD, words};

/// A column's header and habits.
#[derive(Clone, Copy)]
pub(super) struct Column {
    header: &'static str,
    alignment: CellAlignment,
    /// What gives way first when the table is too wide.
    habit: Habit,
}

/// What a column does when the table is too wide.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Habit {
    /// It stays.
    Stays,
    /// It goes away.
    GoesAway,
    /// Its texts are shortened.
    Shortens,
}

impl Column {
    /// Text, to the left.
    pub(super) const fn left(header: &'static str) -> Self {
        Self {
            header,
            alignment: CellAlignment::Left,
            habit: Habit::Stays,
        }
    }

    /// A number, to the right.
    pub(super) const fn right(header: &'static str) -> Self {
        Self {
            header,
            alignment: CellAlignment::Right,
            habit: Habit::Stays,
        }
    }

    /// Text that is shortened if the table is too wide.
    pub(super) const fn long(header: &'static str) -> Self {
        Self {
            header,
            alignment: CellAlignment::Left,
            habit: Habit::Shortens,
        }
    }

    /// The same column, but left out if the table is too wide.
    pub(super) const fn optional(mut self) -> Self {
        self.habit = Habit::GoesAway;
        self
    }
}

/// How a row stands out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    /// Not at all.
    Usual,
    /// Worth a look (something was lost).
    Odd,
    /// Something failed.
    Bad,
}

impl Mark {
    /// `Odd` if `odd` holds.
    pub(super) const fn odd_if(odd: bool) -> Self {
        if odd { Self::Odd } else { Self::Usual }
    }

    /// `Bad` if there is an error.
    pub(super) const fn bad_if(bad: bool) -> Self {
        if bad { Self::Bad } else { Self::Usual }
    }
}

/// A table in the making.
pub(super) struct Sheet {
    title: String,
    columns: Vec<Column>,
    rows: Vec<(Mark, Vec<String>)>,
    only_counted: u64,
}

impl Sheet {
    pub(super) fn new(title: impl Into<String>, columns: Vec<Column>) -> Self {
        Self {
            title: title.into(),
            columns,
            rows: Vec::new(),
            only_counted: 0,
        }
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Adds a row with a cell for each column.
    pub(super) fn row(&mut self, mark: Mark, cells: Vec<String>) {
        debug_assert_eq!(cells.len(), self.columns.len(), "{}", self.title);
        let lines = cells.into_iter().map(|cell| cell.replace('\n', " "));
        self.rows.push((mark, lines.collect()));
    }

    /// Says that `more` rows exist of which nothing is known but that.
    pub(super) const fn only_counted(&mut self, more: u64) {
        self.only_counted += more;
    }

    /// Says in the title that only the worst of `all` are here.
    pub(super) fn are_the_worst(&mut self, all: usize) {
        let all = words::count(all as u64);
        self.title = format!("{}: the {} worst of {all}", self.title, self.rows.len());
    }

    /// Title, header, rule, rows, and how many rows are left out.
    pub(super) fn render(&self, look: &Look) -> String {
        let (shown, cut) = self.cut(look.rows);
        let layout = Layout::new(&self.columns, shown, look.width);
        let mut lines = layout.table(&self.columns, shown).into_iter();
        let mut text = look.paint(HEADING, &self.title) + "\n";
        if self.columns.iter().any(|c| !c.header.is_empty()) {
            for line in lines.by_ref().take(2) {
                text += &(look.paint(FAINT, &line) + "\n");
            }
        }
        for ((mark, _), line) in shown.iter().zip(lines) {
            let style = match mark {
                Mark::Usual => Style::new(),
                Mark::Odd => ODD,
                Mark::Bad => BAD,
            };
            text += &(look.paint(style, &line) + "\n");
        }
        text + &self.more(cut, look)
    }

    fn more(&self, cut: u64, look: &Look) -> String {
        let line = match (cut, self.only_counted) {
            (0, 0) => return String::new(),
            (cut, 0) => format!("... {} more in summary.json", words::count(cut)),
            (0, rest) => format!("... {} more, only counted", words::count(rest)),
            (cut, rest) => format!(
                "... {} more in summary.json, and {} only counted",
                words::count(cut),
                words::count(rest)
            ),
        };
        format!("  {}\n", look.paint(FAINT, &line))
    }

    /// The rows to show, and how many are left out: cutting just one would gain nothing.
    fn cut(&self, most: usize) -> (&[(Mark, Vec<String>)], u64) {
        if self.rows.len() <= most + 1 {
            return (&self.rows, 0);
        }
        (&self.rows[..most], (self.rows.len() - most) as u64)
    }
}

/// Which columns are shown, and how wide each is at most.
struct Layout(Vec<(usize, usize)>);

impl Layout {
    fn new(columns: &[Column], rows: &[(Mark, Vec<String>)], width: usize) -> Self {
        let all = columns.iter().enumerate();
        let mut layout = Self(
            all.filter(|(i, _)| rows.iter().any(|(_, cells)| !is_blank(&cells[*i])))
                .map(|(i, column)| (i, widest(column, rows, i)))
                .collect(),
        );
        while layout.width() > width {
            let goes = |(i, _): &(usize, usize)| columns[*i].habit == Habit::GoesAway;
            let Some(last) = layout.0.iter().rposition(goes) else {
                break;
            };
            layout.0.remove(last);
        }
        layout.shorten(columns, width);
        layout
    }

    fn width(&self) -> usize {
        self.0.iter().map(|(_, w)| w + GAP).sum()
    }

    /// Takes from the widest long column, one character at a time, until the table fits.
    fn shorten(&mut self, columns: &[Column], width: usize) {
        while self.width() > width {
            let long = self.0.iter_mut();
            let long = long.filter(|(i, w)| columns[*i].habit == Habit::Shortens && *w > SHORTEST);
            let Some((_, widest)) = long.max_by_key(|(_, w)| *w) else {
                break;
            };
            *widest -= 1;
        }
    }

    /// The lines of the table: header, rule, rows.
    fn table(&self, columns: &[Column], rows: &[(Mark, Vec<String>)]) -> Vec<String> {
        let mut table = Table::new();
        table.load_style(STYLE);
        table.set_content_arrangement(ContentArrangement::Disabled);
        if columns.iter().any(|c| !c.header.is_empty()) {
            table.set_header(self.0.iter().map(|(i, _)| columns[*i].header));
        }
        for (_, cells) in rows {
            let cells = self.0.iter().map(|(i, w)| words::shorten(&cells[*i], *w));
            table.add_row(cells);
        }
        for (column, (i, _)) in table.column_iter_mut().zip(&self.0) {
            // comfy-table puts one space of its own between two columns.
            column.set_padding((GAP_PADDING, 0));
            column.set_cell_alignment(columns[*i].alignment);
        }
        let indented = |line: String| format!(" {}", line.trim_end());
        table.lines().map(indented).map(indent_rule).collect()
    }
}

fn widest(column: &Column, rows: &[(Mark, Vec<String>)], i: usize) -> usize {
    let cells = rows.iter().map(|(_, cells)| cells[i].chars().count());
    cells.max().unwrap_or(0).max(column.header.chars().count())
}

fn is_blank(cell: &str) -> bool {
    cell.is_empty() || cell == "-"
}

/// The rule starts where the text above it starts.
fn indent_rule(line: String) -> String {
    line.strip_prefix(" ─")
        .map_or_else(|| line.clone(), |rest| format!("  {rest}"))
}

/// Spaces before each column.
const GAP: usize = 2;
const GAP_PADDING: u16 = 1;

/// A long column keeps this much.
const SHORTEST: usize = 12;

/// Nothing but a thin rule below the header.
const STYLE: TableStyle =
    TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─'));
