/// A cell of a table, or the value of a fact: text, and numbers that remember where they come from.
///
/// A number stands on the page as a person reads it, beside its full value (`data-value`) and its place in the
/// JSON file the table names (`data-from`, a JSON Pointer after RFC 6901). What stands on the page can so be
/// checked against the file, cell by cell.
public struct ReportCell: Hashable, Sendable {
    /// A part of a cell.
    enum Piece: Hashable, Sendable {
        case text(String)
        case name(String, from: String?)
        case number(String, value: Double, from: String?)
    }

    /// What a cell says, by colour and weight.
    public enum Tone: String, Hashable, Sendable {
        /// Nothing.
        case plain
        /// Something good; says so in words too.
        case good
        /// Something bad; says so in words too.
        case bad
        /// Something that matters less.
        case muted
        /// Something that matters more.
        case strong
    }

    /// The parts in their order.
    var pieces: [Piece]
    /// What the cell says.
    public var tone: Tone

    /// Text.
    public static func text(_ text: String, _ tone: Tone = .plain) -> ReportCell {
        ReportCell(pieces: [.text(text)], tone: tone)
    }

    /// A name, which may be broken over lines after `_`, `+`, `/` and `.`.
    ///
    /// - Parameters:
    ///   - name: the name.
    ///   - pointer: its place in the JSON file, if it stands there as it is.
    ///   - tone: what the cell says.
    /// - Returns: the cell.
    public static func name(
        _ name: String,
        from pointer: String? = nil,
        _ tone: Tone = .plain
    ) -> ReportCell {
        ReportCell(pieces: [.name(name, from: pointer)], tone: tone)
    }

    /// A dash: there is no value.
    public static let missing = ReportCell(pieces: [.text("\u{2013}")], tone: .muted)

    /// A number as given text; a dash where there is none, or where it is not finite.
    ///
    /// - Parameters:
    ///   - value: the number in full, as in the JSON file.
    ///   - pointer: its place there: `/cells/0/delta_m/value`, or relative to that of the row.
    ///   - tone: what the cell says.
    ///   - text: how it is shown.
    /// - Returns: the cell.
    public static func number(
        _ value: Double?,
        from pointer: String? = nil,
        _ tone: Tone = .plain,
        text: (Double) -> String
    ) -> ReportCell {
        guard let value, value.isFinite else { return .missing }
        return ReportCell(pieces: [.number(text(value), value: value, from: pointer)], tone: tone)
    }

    /// A number with a fixed count of decimals.
    public static func number(
        _ value: Double?,
        digits: Int,
        isSigned: Bool = false,
        from pointer: String? = nil,
        _ tone: Tone = .plain
    ) -> ReportCell {
        number(value, from: pointer, tone) {
            ReportNumber.fixed($0, digits: digits, isSigned: isSigned)
        }
    }

    /// A whole number, in full.
    public static func count(
        _ value: Int?,
        from pointer: String? = nil,
        _ tone: Tone = .plain
    ) -> ReportCell {
        number(value.map(Double.init), from: pointer, tone) { ReportNumber.fixed($0, digits: 0) }
    }

    /// A share as a percentage.
    public static func percent(
        _ share: Double?,
        digits: Int,
        isSigned: Bool = false,
        from pointer: String? = nil,
        _ tone: Tone = .plain
    ) -> ReportCell {
        number(share, from: pointer, tone) {
            ReportNumber.fixed(100 * $0, digits: digits, isSigned: isSigned) + "\u{A0}%"
        }
    }

    /// Two ends between brackets; a dash where one is missing.
    ///
    /// - Parameters:
    ///   - lower: the lower end.
    ///   - upper: the upper end.
    ///   - pointer: the place of the interval, whose ends are `lower` and `upper` below it.
    ///   - text: how an end is shown.
    /// - Returns: the cell.
    public static func interval(
        _ lower: Double?,
        _ upper: Double?,
        from pointer: String? = nil,
        text: (Double) -> String
    ) -> ReportCell {
        guard let lower, let upper, lower.isFinite, upper.isFinite else { return .missing }
        return ReportCell(
            pieces: [
                .text("["),
                .number(text(lower), value: lower, from: pointer.map { $0 + "/lower" }),
                .text(", "),
                .number(text(upper), value: upper, from: pointer.map { $0 + "/upper" }),
                .text("]"),
            ],
            tone: .plain
        )
    }

    /// One cell after the other, in one cell.
    public static func joined(_ cells: [ReportCell], _ tone: Tone = .plain) -> ReportCell {
        ReportCell(pieces: cells.flatMap(\.pieces), tone: tone)
    }

    /// The text a person reads.
    public var text: String {
        pieces.map { piece in
            switch piece {
            case .text(let text), .name(let text, _), .number(let text, _, _): text
            }
        }
        .joined()
    }

    /// The parts as HTML.
    var content: HTML {
        .joined(
            pieces.map { piece in
                switch piece {
                case .text(let text): HTML(text: text)
                case .name(let name, nil): HTML(name: name)
                case .name(let name, let pointer):
                    .element("span", ["data-from": pointer], [HTML(name: name)])
                case .number(let text, let value, let pointer):
                    .element(
                        "span",
                        ["data-value": ReportNumber.full(value), "data-from": pointer],
                        [HTML(text: text)]
                    )
                }
            }
        )
    }
}
