import Foundation
import MotetCore
import MotetMetrics
import Testing

/// Values of scikit-learn, seqeval and pycocotools; `Tests/Goldens/metrics/make_structured.py` makes
/// the file.
struct StructuredGoldens: Decodable {
    struct Classes: Decodable {
        let name: String
        let classes: Int
        let labels: [Float]
        let scores: [Float]
        let weights: [Float]?
        let accuracy: Double
        let top: [String: Double]
        let macro_f1: Double
        let micro_f1: Double
        let micro_f1_without_0: Double
        let confusion: [Double]
    }

    struct Tags: Decodable {
        let name: String
        let scheme: TagScheme
        let types: [String]
        let labels: [[String]]
        let predicted: [[String]]
        let matched: Int
        let predicted_count: Int
        let labelled: Int
        let f1: Double
        let repairs: [Int]
    }

    struct Detections: Decodable {
        let name: String
        let objects: [[Float]]
        let detections: [[Float]]
        let by_class: [String: Double]
        let ap_50: Double
        let map: Double
    }

    struct Boxes: Decodable {
        let labels: [Float]
        let predictions: [Float]
        let weights: [Float]
        let each: [Double]
        let mean: Double
        let weighted_mean: Double
    }

    let classes: [Classes]
    let tags: [Tags]
    let detections: [Detections]
    let boxes: Boxes

    static func read() throws -> StructuredGoldens {
        let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let data = try Data(contentsOf: tests.appending(path: "Goldens/metrics/structured.json"))
        return try JSONDecoder().decode(StructuredGoldens.self, from: data)
    }
}

@Suite("Metrics on classes, tags and boxes against other programs") struct StructuredGoldenTests {
    // Both sides compute in double precision; only the order of summation differs.
    let tolerance = 1e-11

    @Test func classesAgreeWithScikitLearn() throws {
        for golden in try StructuredGoldens.read().classes {
            let rows = try Observations(
                .classes(golden.classes),
                labels: golden.labels,
                predictions: golden.scores,
                weights: golden.weights
            )
            var expected: [(Metric, Double)] = [
                (.accuracy, golden.accuracy), (.macroF1, golden.macro_f1),
                (.microF1, golden.micro_f1), (.microF1(leavingOut: 0), golden.micro_f1_without_0),
            ]
            for (count, value) in golden.top {
                expected.append((.topK(try #require(Int(count))), value))
            }
            for (metric, value) in expected {
                #expect(
                    near(metric.evaluate(rows).value, value, relative: tolerance),
                    "\(golden.name), \(metric): \(metric.evaluate(rows)), \(value)"
                )
            }
            #expect(try ConfusionMatrix(rows).counts == golden.confusion, "\(golden.name)")
        }
    }

    @Test func entitiesAgreeWithSeqeval() throws {
        for golden in try StructuredGoldens.read().tags {
            let tags = TagSet(golden.scheme, types: golden.types)
            func numbers(_ sentences: [[String]]) throws -> [[Int32]] {
                try sentences.map { try $0.map { Int32(try #require(tags.number(of: $0))) } }
            }
            let scores = try EntityF1(
                tags,
                labels: try numbers(golden.labels),
                predicted: try numbers(golden.predicted)
            )
            #expect(scores.total.matched == golden.matched, "\(golden.name)")
            #expect(scores.total.predicted == golden.predicted_count, "\(golden.name)")
            #expect(scores.total.labelled == golden.labelled, "\(golden.name)")
            #expect(scores.total.f1 == golden.f1, "\(golden.name)")
            #expect([scores.labelRepairs, scores.predictionRepairs] == golden.repairs)
            #expect(scores.types.map(\.matched).reduce(0, +) == golden.matched)

            // The same as rows of observations, padded to one length.
            let length = (golden.labels.map(\.count).max() ?? 0) + 2
            func padded(_ sentences: [[Int32]]) -> [Float] {
                sentences.flatMap { sentence in
                    (0..<length).map { $0 < sentence.count ? Float(sentence[$0]) : -1 }
                }
            }
            let rows = try Observations(
                .tags(length),
                labels: padded(try numbers(golden.labels)),
                predictions: padded(try numbers(golden.predicted))
            )
            #expect(near(Metric.entityF1(tags).evaluate(rows).value, golden.f1, relative: 1e-14))
        }
    }

    @Test func detectionsAgreeWithPycocotools() throws {
        for golden in try StructuredGoldens.read().detections {
            let objects = golden.objects.map { row in
                LabelledObject(picture: Int(row[0]), label: Int(row[1]), box: box(row, 2))
            }
            let detections = golden.detections.map { row in
                Detection(
                    picture: Int(row[0]),
                    label: Int(row[1]),
                    box: box(row, 2),
                    score: row[6]
                )
            }
            let classes = try AveragePrecision.byClass(detections: detections, objects: objects)
            #expect(classes.count == golden.by_class.count)
            for (label, value) in golden.by_class {
                #expect(near(classes[try #require(Int(label))], value, relative: tolerance))
            }
            let half = try AveragePrecision.value(detections: detections, objects: objects)
            #expect(near(half, golden.ap_50, relative: tolerance), "\(golden.name)")
            let all = try AveragePrecision.value(
                detections: detections.reversed(),
                objects: objects.reversed(),
                thresholds: AveragePrecision.standardThresholds
            )
            #expect(near(all, golden.map, relative: tolerance), "\(golden.name)")
        }
    }

    @Test func overlapsAgreeWithNumPy() throws {
        let golden = try StructuredGoldens.read().boxes
        for (index, expected) in golden.each.enumerated() {
            let value = box(golden.labels, index * 4)
                .intersectionOverUnion(box(golden.predictions, index * 4))
            #expect(abs(value - expected) < 1e-14)
        }
        let rows = try Observations(
            .boxes,
            labels: golden.labels,
            predictions: golden.predictions,
            weights: golden.weights
        )
        let weighted = Metric.meanIoU.evaluate(rows).value
        #expect(near(weighted, golden.weighted_mean, relative: tolerance))
        let boxes = golden.each.indices.map { box(golden.labels, $0 * 4) }
        let found = golden.each.indices.map { box(golden.predictions, $0 * 4) }
        let mean = try MeanIoU.value(labels: boxes, predicted: found)
        #expect(near(mean, golden.mean, relative: tolerance))
    }

    private func box(_ values: [Float], _ start: Int) -> Box {
        Box(
            left: values[start],
            top: values[start + 1],
            right: values[start + 2],
            bottom: values[start + 3]
        )
    }
}
