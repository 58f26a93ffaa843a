import Foundation
import MotetCore
import MotetMetrics
import Testing

/// Calibrators of scikit-learn; `Tests/Goldens/metrics/make_calibrators.py` makes the file.
private struct CalibratorGoldens: Decodable {
    struct Case: Decodable {
        let name: String
        let labels: [Float]
        let predictions: [Float]
        let weights: [Float]?
        let slope: Double
        let shift: Double
        let at: [Float]
        let platt: [Double]
        let isotonic: [Double]

        func observations() throws -> Observations {
            try Observations(labels: labels, predictions: predictions, weights: weights)
        }
    }

    let cases: [Case]

    static func read() throws -> [Case] {
        let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let file = tests.appending(path: "Goldens/metrics/calibrators.json")
        return try JSONDecoder().decode(Self.self, from: Data(contentsOf: file)).cases
    }
}

@Suite("Calibrators") struct CalibratorTests {
    @Test func plattsLineIsThatOfScikitLearn() throws {
        let cases = try CalibratorGoldens.read()
        #expect(cases.count == 7)
        for golden in cases {
            let line = try PlattScaling(fitting: golden.observations())
            // Both minimise the same convex sum until nothing is gained; at the least it is flat.
            #expect(
                abs(line.slope - golden.slope) < 1e-5 * max(1, abs(golden.slope)),
                "\(golden.name)"
            )
            #expect(
                abs(line.shift - golden.shift) < 1e-5 * max(1, abs(golden.shift)),
                "\(golden.name)"
            )
            for (at, expected) in zip(golden.at, golden.platt) {
                #expect(abs(Double(line(at)) - expected) < 2e-6, "\(golden.name) at \(at)")
            }
        }
    }

    @Test func theRisingCurveIsThatOfScikitLearn() throws {
        for golden in try CalibratorGoldens.read() {
            let curve = try IsotonicScaling(fitting: golden.observations())
            for (at, expected) in zip(golden.at, golden.isotonic) {
                // An answer is a Float32.
                #expect(abs(Double(curve(at)) - expected) < 1e-6, "\(golden.name) at \(at)")
            }
        }
    }

    /// Weights that are all a hundredth, or a hundred, are no weights.
    @Test(arguments: Calibrator.Kind.allCases)
    func theScaleOfWeightsDoesNotMatter(kind: Calibrator.Kind) throws {
        var random = RandomKey(seed: 9).generator()
        let predictions = (0..<60).map { _ in Float(random.nextUniform()) }
        let labels = predictions.map { random.nextUniform() < Double($0) / 4 ? Float(1) : 0 }
        func answers(_ weight: Float?) throws -> [Float] {
            let rows = try Observations(
                labels: labels,
                predictions: predictions,
                weights: weight.map { weight in labels.map { _ in weight } }
            )
            let calibrator = try Calibrator(kind, fitting: rows)
            return stride(from: Float(0), through: 1, by: 0.01).map { calibrator($0) }
        }
        let plain = try answers(nil)
        for weight: Float in [0.01, 1, 100] {
            for (one, other) in zip(plain, try answers(weight)) { #expect(abs(one - other) < 1e-5) }
        }
    }

    @Test(arguments: Calibrator.Kind.allCases)
    func whatIsNoNumberStaysNone(kind: Calibrator.Kind) throws {
        let rows = try Observations(labels: [0, 1, 0, 1], predictions: [0.1, 0.4, 0.5, 0.9])
        #expect(try Calibrator(kind, fitting: rows)(.nan).isNaN)
    }

    @Test(arguments: Calibrator.Kind.allCases, [UInt64(1), 2, 3, 4])
    func orderIsKeptAndAnswersAreProbabilities(kind: Calibrator.Kind, seed: UInt64) throws {
        var random = RandomKey(seed: seed).generator()
        let predictions = (0..<300).map { _ in Float(random.nextUniform()) }
        // Of the last seed labels fall where scores rise.
        let labels = predictions.map { score in
            random.nextUniform() < (seed == 4 ? 1 - Double(score) : Double(score)) ? Float(1) : 0
        }
        let rows = try Observations(labels: labels, predictions: predictions)
        let calibrator = try Calibrator(kind, fitting: rows)
        let answers = stride(from: Float(0), through: 1, by: 0.001).map { calibrator($0) }
        #expect(answers.allSatisfy { 0...1 ~= $0 })
        #expect(zip(answers, answers.dropFirst()).allSatisfy { $0 <= $1 })
    }

    @Test(arguments: Calibrator.Kind.allCases)
    func whatIsCalibratedComesTrue(kind: Calibrator.Kind) throws {
        var random = RandomKey(seed: 9).generator()
        func rows(_ count: Int) throws -> Observations {
            let truth = (0..<count).map { _ in random.nextUniform() * 0.5 }
            let labels = truth.map { random.nextUniform() < $0 ? Float(1) : 0 }
            // The model promises too much: logits moved up and stretched.
            let told = truth.map { share in
                let logit = log(max(share, 1e-6) / (1 - share))
                return Float(1 / (1 + exp(-(1.7 * logit + 0.8))))
            }
            return try Observations(labels: labels, predictions: told)
        }
        let calibrator = try Calibrator(kind, fitting: rows(20_000))
        let fresh = try rows(20_000)
        let made = try fresh.replacing(predictions: fresh.predictions.map { calibrator($0) })
        let (before, after) = (
            try #require(Metric.calibrationError.evaluate(fresh).value),
            try #require(Metric.calibrationError.evaluate(made).value)
        )
        #expect(before > 0.05)
        #expect(after < 0.015, "expected calibration error \(before) -> \(after)")
    }

    @Test func equalScoresAreShiftedOnly() throws {
        let rows = try Observations(labels: [1, 0, 0, 0], predictions: [0.7, 0.7, 0.7, 0.7])
        let line = try PlattScaling(fitting: rows)
        #expect(line.slope == 1)
        // Platt's targets: 2 / 3 once and 1 / 5 three times.
        #expect(abs(Double(line(0.7)) - (2.0 / 3 + 3.0 / 5) / 4) < 1e-6)
    }

    @Test func whatIsNoProbabilityIsRefused() throws {
        for (labels, predictions) in [
            ([Float](), [Float]()), ([0, 1], [0.5, 1.5]), ([0, 0.5], [0.1, 0.2]),
            ([0, 1], [0.5, .nan]),
        ] {
            let rows = try Observations(labels: labels, predictions: predictions)
            for kind in Calibrator.Kind.allCases {
                #expect(throws: MetricError.self) { try Calibrator(kind, fitting: rows) }
            }
        }
    }

    @Test func writtenAndReadItIsTheSame() throws {
        for golden in try CalibratorGoldens.read() {
            for kind in Calibrator.Kind.allCases {
                let made = try Calibrator(kind, fitting: golden.observations())
                let read = try JSONDecoder().decode(
                    Calibrator.self,
                    from: JSONEncoder().encode(made)
                )
                #expect(read == made)
            }
        }
        for damaged in [
            #"{"isotonic": {"scores": [0.2, 0.1], "probabilities": [0, 1]}}"#,
            #"{"isotonic": {"scores": [], "probabilities": []}}"#,
            #"{"isotonic": {"scores": [0.1, 0.2], "probabilities": [0.3, 0.2]}}"#, "{}",
        ] {
            #expect(throws: DecodingError.self) {
                try JSONDecoder().decode(Calibrator.self, from: Data(damaged.utf8))
            }
        }
    }
}
