import HTTPTypes
import MotetCandidates
import MotetConfiguration
import MotetData
import MotetExperiments

/// The columns whose values a request may not invent.
///
/// A value is known where a vocabulary of the model has it, or a table of the shop: an item that is new to the model, but that
/// the shop lists, is a cold one and no mistake. What is missing goes by the feature's policy.
struct KnownValues: Sendable {
    /// What of a request is checked, and against which table.
    struct Scope: Sendable {
        /// What tells values of items that a request does not.
        enum Table: Sendable {
            /// The shop's table of items.
            case items
            /// The catalogue of recommendations.
            case catalogue
        }

        /// The table that items are looked up in.
        var table = Table.items
        /// Whether the request named the items.
        var hasItems = true
        /// Columns that are not the request's own.
        var exempt: Set<String> = []
    }

    private struct Column: Sendable {
        let name: String
        /// What the shop's tables have and no vocabulary has.
        let listed: Set<String>
        /// The tables that tell it of items that do not bring it.
        let tables: Set<Scope.Table>
    }

    private let columns: [Column]
    private let encoder: RowEncoder
    private let items: ServedItems?
    private let catalogue: ModelCatalogue?
    /// The column that names items of the catalogue.
    private let itemColumn: String?

    /// Brings the names of columns into the form of a run; nil where there are none.
    ///
    /// - Parameters:
    ///   - names: the columns.
    ///   - run: what reads them.
    ///   - items: the shop's table of items.
    ///   - catalogue: the items to recommend.
    /// - Throws: `ConfigurationError` for a column that the run has no vocabulary of.
    init?(
        _ names: [ServingSettings.Recommend.Named],
        _ run: ServedModel.Parts,
        _ items: ServedItems?,
        _ catalogue: ModelCatalogue?
    ) throws(ConfigurationError) {
        guard !names.isEmpty else { return nil }
        let known = run.encoder.columnsWithVocabulary
        let problems = names.filter { !known.contains($0.text) }.map {
            Self.problem($0, run, known)
        }
        if !problems.isEmpty { throw ConfigurationError(problems) }
        encoder = run.encoder
        self.items = items
        self.catalogue = catalogue
        let itemColumn = catalogue?.resources.settings.catalogue.item
        self.itemColumn = itemColumn
        columns = names.map { [encoder = run.encoder] name in
            let name = name.text
            let values = (items?.values(of: name) ?? []) + (catalogue?.columns[name] ?? [])
            var listed: Set<String> = []
            for value in values {
                var single = [value]
                if case .list(let elements) = value { single = elements }
                for value in single where !encoder.knows(value, in: name) {
                    if let text = encoder.spelling(of: value, in: name) { listed.insert(text) }
                }
            }
            var tables: Set<Scope.Table> = []
            if items?.table.columns.contains(name) == true { tables.insert(.items) }
            if catalogue?.columns[name] != nil || name == itemColumn { tables.insert(.catalogue) }
            return Column(name: name, listed: listed, tables: tables)
        }
    }

    /// Checks a request.
    ///
    /// - Parameters:
    ///   - request: the request.
    ///   - scope: what of it is checked.
    /// - Throws: `RequestError` (`unknown_value`, `unknown_item`) with the field of the first that nobody knows.
    func check(_ request: ScoreRequest, _ scope: Scope) throws(RequestError) {
        for column in columns where !scope.exempt.contains(column.name) {
            let name = column.name
            let shared = request.shared[name] ?? .missing
            if let unknown = unknown(shared, column) {
                let part = request.context[name] == nil ? "user" : "context"
                throw Self.value(unknown, "\(part).\(name)", name)
            }
            guard scope.hasItems else { continue }
            var own: [RawValue] = []
            if case .each(let values)? = request.columns[name] { own = values }
            for (row, value) in own.enumerated() where value != shared {
                guard let unknown = unknown(value, column) else { continue }
                throw Self.value(unknown, "items[\(row)].\(name)", name)
            }
            guard shared == .missing, column.tables.contains(scope.table) else { continue }
            for row in 0..<request.count where own.isEmpty || own[row] == .missing {
                let item = RequestFields.text(request.itemIDs[row])
                guard !isThere(item, scope.table, name) else { continue }
                throw Self.item(item, "items[\(row)].id", name)
            }
        }
    }

    /// The first value of a column that nobody knows; nil where each is known.
    private func unknown(_ value: RawValue, _ column: Column) -> RawValue? {
        guard !encoder.knows(value, in: column.name) else { return nil }
        if case .list(let values) = value {
            for value in values {
                if let unknown = unknown(value, column) { return unknown }
            }
            return nil
        }
        let text = encoder.spelling(of: value, in: column.name) ?? ""
        return column.listed.contains(text) ? nil : value
    }

    private func isThere(_ item: String, _ table: Scope.Table, _ column: String) -> Bool {
        switch table {
        case .items: items?.place(of: item) != nil
        case .catalogue:
            catalogue?.resources.catalogue.place(of: item) != nil
                // An item that the catalogue does not have is still known by its name.
                || column == itemColumn && encoder.knows(.text(item), in: column)
        }
    }
}

extension KnownValues {
    private static func value(_ value: RawValue, _ field: String, _ column: String) -> RequestError
    {
        RequestError(
            .badRequest,
            "unknown_value",
            field: field,
            message:
                "\(field): neither the model nor a table of the shop knows the value; expected one of those of "
                + "\"\(column)\" in the training; received `\(received(value))`. Correct it, or leave it out."
        )
    }

    private static func item(_ item: String, _ field: String, _ column: String) -> RequestError {
        RequestError(
            .badRequest,
            "unknown_item",
            field: field,
            message:
                "\(field): the shop's table does not have the item; expected one that it has, or a value of `\(column)` beside; "
                + "received `\(item.shortened)`."
        )
    }

    private static func received(_ value: RawValue) -> String {
        switch value {
        case .missing, .list: ""
        case .boolean(let isTrue): "\(isTrue)"
        case .integer(let integer): "\(integer)"
        case .number(let number): "\(number)"
        case .text(let text): text.shortened
        }
    }

    /// Why a run cannot be asked to know the values of a column.
    private static func problem(
        _ name: ServingSettings.Recommend.Named,
        _ run: ServedModel.Parts,
        _ known: [String]
    ) -> ConfigurationProblem {
        let expected =
            known.isEmpty
            ? "one with a vocabulary, and the run has none"
            : "one of \(known.joined(separator: ", "))"
        let features = run.predictor.run.fitted.schema.features.filter { $0.column == name.text }
        let problem: String
        if features.contains(where: { $0.kind != .numeric }) {
            problem = "hashes the column, so that no value of it is unknown"
        } else if features.isEmpty {
            problem = "reads no feature from such a column"
        } else {
            problem = "reads numbers from the column"
        }
        return name.problem(
            .knownValuesUnusable,
            "the run \"\(run.path)\" \(problem); expected \(expected); received `\(name.text)`. Name one of them, or serve "
                + "a run whose feature has a vocabulary."
        )
    }
}
