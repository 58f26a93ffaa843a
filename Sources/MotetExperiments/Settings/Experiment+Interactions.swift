import MotetConfiguration
import MotetCore
import MotetData
import MotetRecommenders

extension Experiment {
    /// Records interactions that do not fit the features or the architecture.
    func checkInteractions(_ reader: ConfigurationReader) {
        let vectors = features.filter { !$0.isFloat }
        let names = vectors.map(\.name)
        var seen = Set<String>()
        for interaction in model.interactions {
            let name = interaction.name
            if !seen.insert(name).inserted {
                reader.fail(
                    "model",
                    "`interactions` has `\(name)` twice; expected each at most once."
                )
            }
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
    }
}
