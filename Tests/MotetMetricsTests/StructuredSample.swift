import MotetCore
import MotetMetrics
import Testing

/// Random rows of every form, whose predictions are better than chance, and their metrics.
enum StructuredSample {
    static let tags = TagSet(.bioes, types: ["brand", "place"])
    static let length = 6

    /// A metric with the form of the rows it is tried on.
    struct Case: CustomTestStringConvertible, Sendable {
        let metric: Metric
        let form: RowForm

        var testDescription: String { "\(metric.name) of \(form.kind.rawValue)" }
    }

    static let cases: [Case] =
        [Metric.accuracy, .topK(2), .macroF1, .microF1, .microF1(leavingOut: 0)].map {
            Case(metric: $0, form: .classes(4))
        }
        + [Metric.accuracy, .macroF1, .microF1(leavingOut: 0), .entityF1(tags)].map {
            Case(metric: $0, form: .tags(length))
        }
        + [Case(metric: .meanIoU, form: .boxes)]
        + [Metric.averagePrecision, .meanAveragePrecision].map {
            Case(metric: $0, form: .detections)
        }

    static func random(_ form: RowForm, rows: Int, key: RandomKey) throws -> Observations {
        var generator = key.generator()
        var labels: [Float] = []
        var predictions: [Float] = []
        var weights: [Float] = []
        func below(_ count: Int) -> Int { Int(generator.nextUniform() * Double(count)) }
        func box() -> [Float] {
            let (left, top) = (Float(generator.nextUniform()), Float(generator.nextUniform()))
            return [
                left, top, left + 0.2 + Float(generator.nextUniform()),
                top + 0.2 + Float(generator.nextUniform()),
            ]
        }
        func moved(_ box: [Float]) -> [Float] {
            let step = generator.nextUniform() < 0.5 ? 0.02 : 0.2
            return box.map { $0 + Float(generator.nextNormal() * step) }
        }
        for _ in 0..<rows {
            weights.append(Float(1 + below(8)) / 4)
            switch form.kind {
            case .numbers:
                labels.append(Float(below(2)))
                predictions.append(Float(generator.nextUniform()))
            case .classes:
                let label = below(form.predictionWidth)
                labels.append(Float(label))
                // A tenth is the unit, so that some scores are equal.
                for index in 0..<form.predictionWidth {
                    let score = generator.nextNormal() + (index == label ? 1 : 0)
                    predictions.append(Float((score * 10).rounded() / 10))
                }
            case .tags:
                let tokens = 1 + below(form.labelWidth)
                for token in 0..<form.labelWidth {
                    let label = below(Self.tags.count)
                    labels.append(token < tokens ? Float(label) : token % 2 == 0 ? .nan : -1)
                    let isRight = generator.nextUniform() < 0.7
                    predictions.append(Float(isRight ? label : below(Self.tags.count)))
                }
            case .boxes:
                let label = box()
                labels += label
                predictions += moved(label)
            case .detections:
                let hasObject = generator.nextUniform() < 0.7
                let label = box()
                labels += hasObject ? [1] + label : [0, .nan, .nan, .nan, .nan]
                // A tenth is the unit, so that some scores are equal.
                let score = generator.nextUniform() + (hasObject ? 0.5 : 0)
                predictions += [Float((score * 10).rounded() / 10)] + moved(label)
            }
        }
        return try Observations(form, labels: labels, predictions: predictions, weights: weights)
    }

    /// Predictions that say what the labels say.
    static func perfect(_ rows: Observations) -> [Float] {
        switch rows.form.kind {
        case .numbers, .boxes: rows.labels
        case .tags: rows.labels.map { $0 >= 0 ? $0 : 1e9 }
        case .classes:
            rows.labels.flatMap { label in
                (0..<rows.form.predictionWidth).map { Float($0) == label ? 1 : 0 }
            }
        case .detections: rows.labels.map { $0.isNaN ? 0 : $0 }
        }
    }
}
