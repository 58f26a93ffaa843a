import MotetData
import MotetNN
public import MotetTraining

/// Carries a trained run's parameters over to another model.
struct WarmStart {
    let source: TrainedRun
    let fitted: FittedSchema

    /// For each table of a model, for each of its rows the row of the source's table with the same
    /// value, or -1.
    func rowMaps(_ model: Model) -> [String: [Int32]] {
        var maps: [String: [Int32]] = [:]
        var byFeature: [String: [Int32]] = [:]
        for parameter in model.parameters where parameter.role == .table {
            // `embeddings/user_id/weight`: the feature stands before the weight's own name.
            let parts = parameter.name.split(separator: "/")
            guard parts.count >= 2 else { continue }
            let feature = String(parts[parts.count - 2])
            let map = byFeature[feature] ?? rowMap(feature)
            byFeature[feature] = map
            maps[parameter.name] = map
        }
        return maps
    }

    private func rowMap(_ name: String) -> [Int32]? {
        guard let size = fitted.vocabularySize(for: name),
            let oldSize = source.fitted.vocabularySize(for: name),
            let feature = fitted.schema.feature(name),
            let oldFeature = source.fitted.schema.feature(name)
        else { return nil }
        var map = [Int32](repeating: -1, count: size)
        map[Int(Vocabulary.unknownID)] = Vocabulary.unknownID
        if let ids = fitted.vocabulary(of: name), let old = source.fitted.vocabulary(of: name) {
            let oldIDs = old.ids()
            for (index, value) in ids.values.enumerated() {
                map[index + 1] = oldIDs[value] ?? -1
            }
        } else if hashesAlike(feature, oldFeature) || binsAlike(feature) {
            for id in 1..<max(1, min(size, oldSize)) { map[id] = Int32(id) }
        }
        if let missing = fitted.missingID(for: name), Int(missing) < size {
            map[Int(missing)] = source.fitted.missingID(for: name) ?? -1
        }
        return map
    }

    private func hashesAlike(_ new: FeatureSpecification, _ old: FeatureSpecification) -> Bool {
        guard case .hashed = new.vocabulary else { return false }
        return new.vocabulary == old.vocabulary && new.kind != .numeric && old.kind != .numeric
    }

    private func binsAlike(_ feature: FeatureSpecification) -> Bool {
        feature.quantileBins != nil
            && fitted.numerics[feature.name] == source.fitted.numerics[feature.name]
    }
}

extension WarmStartReport {
    /// One line a parameter: what was and was not carried over.
    ///
    /// - Returns: text for a terminal.
    public func table() -> String {
        var table = TextTable(["parameter", "from the other run"], alignments: [.left, .left])
        for (name, outcome) in parameters {
            let text =
                switch outcome {
                case .copied: "carried over"
                case .rows(let carried, let count): "\(carried) of \(count) rows carried over"
                case .missing: "fresh: the other run has none of this name"
                case .shapeDiffers(let shape): "fresh: the other run's has the shape \(shape)"
                }
            table.addRow([name, text])
        }
        return table.plain()
    }
}
