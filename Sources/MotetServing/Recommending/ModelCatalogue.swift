import MotetCandidates
import MotetCore
import MotetData
import MotetExperiments
import MotetRanking

/// A catalogue as one model reads it: its columns in the form of the model's schema, and the formula over its tasks.
final class ModelCatalogue: Sendable {
    let resources: RecommendResources
    let formula: ScoreFormula
    /// The catalogue's columns that the model reads, by place.
    let columns: [String: [RawValue]]
    /// The columns that requests may have.
    let requestColumns: [String]
    /// The scenarios the model knows; empty where it has none.
    let scenarios: [String]
    /// The column of its scenarios.
    let scenarioColumn: String?

    /// The number of rows that are checked at once.
    private static let block = 4096

    /// Brings a catalogue into the form of a model, and checks that every item can be encoded.
    ///
    /// - Throws: `ServingError` (`recommend_unusable`) with the first item that cannot.
    init(
        _ resources: RecommendResources,
        _ formula: ScoreFormula,
        _ model: ServedModel.Parts
    ) throws {
        self.resources = resources
        self.formula = formula
        let schema = model.predictor.run.fitted.schema
        let catalogue = resources.catalogue
        var columns: [String: [RawValue]] = [:]
        for name in model.encoder.columns {
            guard let values = catalogue.columns[name] else { continue }
            let sequence = schema.features.first { $0.column == name && $0.kind == .sequence }
            columns[name] =
                sequence.map { feature in
                    values.map { Self.list($0, delimiter: feature.delimiter ?? ",") }
                } ?? values
        }
        self.columns = columns
        var names = model.encoder.columns
        for name in resources.requestColumns where !names.contains(name) { names.append(name) }
        requestColumns = names
        scenarios = model.predictor.run.fitted.scenarios
        scenarioColumn = schema.scenario?.column
        try resources.names.checkSequences(
            resources.settings,
            columns: schema.features.filter { $0.kind == .sequence }.map(\.column)
                + resources.towerSequences
        )
        try check(model)
    }

    /// Encodes every item once, so that no request fails for what stands in the catalogue.
    private func check(_ model: ServedModel.Parts) throws {
        let catalogue = resources.catalogue
        for start in stride(from: 0, to: catalogue.count, by: Self.block) {
            let end = min(start + Self.block, catalogue.count)
            var rows = model.predictor.run.fitted.acceptedRows(end - start)
            for (name, values) in columns { rows.columns[name] = .each(Array(values[start..<end])) }
            do {
                _ = try model.predictor.batch(rows, model.encoder) {
                    "catalogue, item \"\(catalogue.items[start + $0])\""
                }
            } catch let error as PreparationError {
                throw ServingError(
                    .recommendUnusable,
                    "recommend: the run \(model.path) cannot rank the catalogue. \(error.description)"
                )
            }
        }
    }

    /// A value of a sequence as a list; a text is split as training splits it.
    static func list(_ value: RawValue, delimiter: String) -> RawValue {
        if case .list = value { return value }
        guard let text = value.name else { return .missing }
        var all = trimmed(text[...])
        if all.utf8.count >= 2, all.first == "[", all.last == "]" {
            all = all.dropFirst().dropLast()
        }
        let parts = all.split(separator: delimiter.first ?? ",").map { trimmed($0) }
        return .list(parts.filter { !$0.isEmpty }.map { .text(String($0)) })
    }

    private static func trimmed(_ text: Substring) -> Substring {
        func isBlank(_ character: Character) -> Bool { character == " " || character == "\t" }
        var text = text.drop(while: isBlank)
        while let last = text.last, isBlank(last) { text.removeLast() }
        return text
    }
}
