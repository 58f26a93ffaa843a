import MotetConfiguration
import MotetCore
import MotetData
import MotetRecommenders

extension Experiment {
    /// Records interactions that do not fit the features or the architecture.
    func checkInteractions(_ reader: ConfigurationReader) {
        let vectors = features.filter(\.hasVector)
        let names = vectors.map(\.name)
        var seen = Set<String>()
        for interaction in model.interactions {
            let name = interaction.name
            // One list may be read in several ways, and several lists in one way.
            let key = interaction.sequence.map { "\(name)` of `\($0.history)" } ?? name
            if !seen.insert(key).inserted {
                reader.fail(
                    "model",
                    "`interactions` has `\(key)` twice; expected each at most once."
                )
            }
            if let sequence = interaction.sequence { check(sequence, reader) }
            if interaction.needsEqualDimensions {
                let widths = vectors.map { feature in
                    schema.vocabularyOwner(of: feature).dimension
                        ?? FeatureSpecification.defaultDimension
                }
                if Set(widths).count != 1 {
                    reader.fail(
                        "model",
                        "`\(name)` multiplies vectors of features; expected one `dimension` for all; "
                            + "received \(widths)."
                    )
                }
            }
            if interaction == .fm, model.architecture.name == "single_task" {
                reader.fail(
                    "model",
                    "`fm` adds to the outputs of all tasks what they share; expected an architecture "
                        + "whose tasks share vectors; received `single_task`."
                )
            }
            guard case .lhuc(let chosen, _) = interaction else { continue }
            for feature in chosen where !names.contains(feature) {
                reader.fail(
                    "model",
                    "`lhuc` reads a feature there is not; expected some of \(names); received "
                        + "`\(feature)`." + Suggestion.sentence(for: feature, in: names)
                )
            }
        }
        checkLists(reader)
    }

    /// Records lists that are to be read step by step, and are not.
    private func checkLists(_ reader: ConfigurationReader) {
        let read = model.interactions.compactMap(\.sequence?.history)
        for feature in features
        where feature.kind == .sequence && feature.pooling == .unpooled
            && !read.contains(feature.name)
        {
            reader.fail(
                "features",
                "feature \"\(feature.name)\": `pooling: none` leaves it out of the model but for interactions; "
                    + "expected one of \(Interaction.sequenceNames) with it as `history`; received none."
            )
        }
    }

    /// Records what of an interaction with a list does not fit the features.
    private func check(_ sequence: SequenceInteraction, _ reader: ConfigurationReader) {
        let lists = features.filter { $0.kind == .sequence }.map(\.name)
        guard let history = features.first(where: { $0.name == sequence.history }),
            history.kind == .sequence
        else {
            reader.fail(
                "model",
                "`\(sequence.name)` reads a list there is not; expected a feature of type sequence, one of "
                    + "\(lists); received `\(sequence.history)`."
                    + Suggestion.sentence(for: sequence.history, in: lists)
            )
            return
        }
        if history.maximumLength == nil {
            reader.fail(
                "features",
                "feature \"\(history.name)\": `\(sequence.name)` reads its last steps; expected "
                    + "`maximum_length`, how many; received none."
            )
        }
        let width = dimension(history)
        if let blocks = sequence.blocks, width % blocks.heads != 0 {
            reader.fail(
                "model",
                "`\(sequence.name)`: 'heads' is out of range; expected a divisor of \(width), the dimension of "
                    + "`\(history.name)`; received \(blocks.heads)."
            )
        }
        guard let candidate = sequence.candidate else { return }
        let names = features.filter { $0.isIdentifier }.map(\.name)
        guard let feature = features.first(where: { $0.name == candidate }), feature.isIdentifier
        else {
            reader.fail(
                "model",
                "`\(sequence.name)` reads a candidate there is not; expected a feature of one id, one of "
                    + "\(names); received `\(candidate)`."
                    + Suggestion.sentence(for: candidate, in: names)
            )
            return
        }
        if dimension(feature) != width {
            reader.fail(
                "model",
                "`\(sequence.name)` compares `\(candidate)` with `\(history.name)`; expected one `dimension`; "
                    + "received \(dimension(feature)) and \(width)."
            )
        }
    }

    /// The width of a feature's vectors.
    private func dimension(_ feature: FeatureSpecification) -> Int {
        schema.vocabularyOwner(of: feature).dimension ?? FeatureSpecification.defaultDimension
    }
}
