import MotetCore
import MotetMetrics
import Testing

@Suite("Metrics on classes, tags and boxes") struct StructuredMetricTests {
    private let tags = TagSet(types: ["brand", "place"])

    private func reason(
        _ metric: Metric,
        _ form: RowForm,
        _ labels: [Float],
        _ predictions: [Float]
    )
        throws -> String?
    {
        metric.evaluate(try Observations(form, labels: labels, predictions: predictions)).reason
    }

    // MARK: Classes

    @Test func equalScoresGoToTheFirstClass() throws {
        let rows = try Observations(
            .classes(3),
            labels: [0, 1, 2],
            predictions: [1, 1, 0, 1, 1, 0, 0, 0, 0]
        )
        #expect(Metric.accuracy.evaluate(rows).value == 1 / 3.0)
        #expect(Metric.topK(1).evaluate(rows).value == 1 / 3.0)
        #expect(Metric.topK(2).evaluate(rows).value == 2 / 3.0)
    }

    @Test func topKHasANameForEveryK() throws {
        #expect(try Metric.named("top_5_accuracy") == .topK(5))
        #expect(try Metric.named("top_12_accuracy") == .topK(12))
        for name in ["top_0_accuracy", "top__accuracy", "top_x_accuracy", "top_05_accuracy"] {
            #expect(Metric(name: name) == nil, "\(name)")
        }
    }

    @Test func aConfusionMatrixCountsRowsByLabelAndPrediction() throws {
        var matrix = ConfusionMatrix(classes: 3)
        for (label, predicted) in [(0, 0), (0, 1), (1, 1), (1, 1), (1, 0)] {
            matrix.add(label, predicted)
        }
        #expect(matrix.counts == [1, 1, 0, 1, 2, 0, 0, 0, 0])
        #expect(matrix[1, 0] == 1)
        #expect(matrix.precision(1) == 2 / 3.0)
        #expect(matrix.recall(0) == 0.5)
        #expect(matrix.f1(0) == 0.5)
        #expect(matrix.accuracy == 0.6)
        #expect(matrix.precision(2) == nil && matrix.recall(2) == nil && matrix.f1(2) == nil)
        #expect(ConfusionMatrix(classes: 2).accuracy == nil)
    }

    @Test func classesThatCannotBeAreReasons() throws {
        #expect(
            try reason(.accuracy, .classes(2), [2], [0, 1])
                == "accuracy needs classes from 0 to 1; received 2.0"
        )
        #expect(
            try reason(.macroF1, .classes(2), [0.5], [0, 1])
                == "macro F1 needs classes from 0 to 1; received 0.5"
        )
        #expect(
            try reason(.accuracy, .classes(2), [0], [0, .nan])
                == "accuracy needs finite predictions; received nan"
        )
        #expect(
            try reason(.topK(2), .classes(2), [0], [0, 1])
                == "top-2 accuracy needs more than 2 classes; received 2"
        )
        #expect(
            try reason(.microF1(leavingOut: 0), .classes(2), [0], [1, 0])
                == "micro F1 needs a class other than 0; received none"
        )
        #expect(
            try reason(.auc, .classes(2), [0], [1, 0])
                == "AUC needs rows of one number; received class scores"
        )
    }

    @Test func columnsMustFillRows() throws {
        let labels = #expect(throws: MetricError.self) {
            try Observations(.boxes, labels: [0, 0, 1], predictions: [])
        }
        #expect(
            labels?.message
                == "labels: values do not fill rows; expected 4 for each row; received 3."
        )
        let scores = #expect(throws: MetricError.self) {
            try Observations(.classes(3), labels: [0, 1], predictions: [1, 2, 3])
        }
        #expect(
            scores?.message
                == "predictions: length differs from the labels'; expected 2 rows of 3; received 3."
        )
        var rows = try Observations(labels: [1], predictions: [1])
        let other = #expect(throws: MetricError.self) {
            try rows.append(Observations(.classes(2), labels: [1], predictions: [1, 2]))
        }
        #expect(other?.message.contains("expected rows of one number as in the first") == true)
    }

    // MARK: Entities

    /// Tags, the entities they are read as, and the repairs.
    @Test(arguments: [
        ("B-a I-a O B-b", "a0-1 b3-3", 0), ("I-a I-a", "a0-1", 1), ("B-a I-b", "a0-0 b1-1", 1),
        ("B-a B-a I-a", "a0-0 a1-2", 0), ("O I-b O", "b1-1", 1), ("", "", 0), ("O O", "", 0),
        ("B-a O I-a", "a0-0 a2-2", 1),
    ])
    func bioIsReadByTheRule(text: String, entities: String, repairs: Int) throws {
        try check(.bio, text, entities, repairs)
    }

    @Test(arguments: [
        ("B-a I-a E-a S-b", "a0-2 b3-3", 0), ("B-a E-b", "a0-0 b1-1", 2), ("I-a", "a0-0", 1),
        ("B-a I-a", "a0-1", 1), ("E-a E-a", "a0-0 a1-1", 2), ("S-a I-a E-a", "a0-0 a1-2", 1),
        ("B-a O", "a0-0", 1), ("B-a S-a E-a", "a0-0 a1-1 a2-2", 2), ("B-b E-b B-b", "b0-1 b2-2", 1),
    ])
    func bioesIsReadByTheRule(text: String, entities: String, repairs: Int) throws {
        try check(.bioes, text, entities, repairs)
    }

    private func check(
        _ scheme: TagScheme,
        _ text: String,
        _ entities: String,
        _ repairs: Int
    )
        throws
    {
        let tags = TagSet(scheme, types: ["a", "b"])
        let numbers = try text.split(separator: " ").map {
            Int32(try #require(tags.number(of: String($0))))
        }
        let (spans, made) = tags.entities(in: numbers)
        let found = spans.map {
            "\(tags.types[$0.type])\($0.tokens.lowerBound)-\($0.tokens.upperBound - 1)"
        }
        #expect(found.joined(separator: " ") == entities)
        #expect(made == repairs)
        // What a repaired sequence spells is well-formed and the same.
        let again = tags.entities(in: tags.numbers(of: spans, count: numbers.count))
        #expect(again.spans == spans && again.repairs == 0)
    }

    @Test func tagsHaveNumbersBothWays() {
        for scheme in TagScheme.allCases {
            let tags = TagSet(scheme, types: ["brand", "product-line"])
            #expect(tags.tags.count == tags.count)
            for (number, tag) in tags.tags.enumerated() {
                #expect(tags.number(of: tag) == number)
            }
            for tag in ["", "X", "B", "B-", "X-brand", "B-shop", "o", "b-brand"] {
                #expect(tags.number(of: tag) == nil, "\(tag)")
            }
        }
        #expect(TagSet(types: ["x"]).number(of: "E-x") == nil)
        #expect(TagSet(types: ["x"]).entities(in: [1, 9, -1]).repairs == 2)
    }

    @Test func anEntityIsRightOnlyWithItsTypeAndBothBorders() throws {
        let truth: [Int32] = [1, 2, 0, 3, 0]
        func score(_ predicted: [Int32]) throws -> EntityScores {
            try EntityF1(tags, labels: [truth], predicted: [predicted]).total
        }
        #expect(try score(truth).f1 == 1)
        #expect(try score([1, 0, 0, 3, 0]).matched == 1)
        #expect(try score([0, 1, 0, 3, 0]).matched == 1)
        #expect(try score([3, 4, 0, 3, 0]).matched == 1)
        #expect(try score([1, 2, 2, 3, 4]).matched == 0)
        let half = try score([1, 2, 0, 0, 0])
        #expect(half.precision == 1 && half.recall == 0.5 && half.f1 == 2 / 3.0)
        let none = try score([0, 0, 0, 0, 0])
        #expect(none.precision == nil && none.recall == 0 && none.f1 == 0)
    }

    @Test func withoutEntitiesThereIsNoEntityF1() throws {
        let error = #expect(throws: MetricError.self) {
            try EntityF1.value(tags, labels: [[0, 0]], predicted: [[0, 0]])
        }
        #expect(
            error
                == .undefined(
                    "entity F1 needs an entity among labels or predictions; received none"
                )
        )
        #expect(try reason(.entityF1(tags), .tags(2), [0, 0], [0, 0]) == error?.message)
        #expect(throws: MetricError.self) {
            try EntityF1.value(tags, labels: [[0, 0]], predicted: [[0]])
        }
        #expect(
            try reason(.entityF1(tags), .tags(2), [0, 1.5], [0, 0])
                == "entity F1 needs tag numbers from 0; received 1.5"
        )
    }

    // MARK: Boxes and detections

    @Test func overlapIsSharedAreaOverCoveredArea() {
        let unit = Box(left: 0, top: 0, right: 2, bottom: 2)
        func overlap(_ left: Float, _ top: Float, _ right: Float, _ bottom: Float) -> Double {
            let other = Box(left: left, top: top, right: right, bottom: bottom)
            #expect(unit.intersectionOverUnion(other) == other.intersectionOverUnion(unit))
            return unit.intersectionOverUnion(other)
        }
        #expect(overlap(0, 0, 2, 2) == 1)
        #expect(overlap(1, 0, 3, 2) == 1 / 3.0)
        #expect(overlap(1, 1, 3, 3) == 1 / 7.0)
        #expect(overlap(2, 0, 4, 2) == 0)
        #expect(overlap(0.5, 0.5, 1.5, 1.5) == 0.25)
        #expect(overlap(2, 2, 0, 0) == 0)
        #expect(overlap(.nan, 0, 2, 2) == 0)
    }

    @Test func boxesWithoutAreaAreReasons() throws {
        #expect(
            try reason(.meanIoU, .boxes, [1, 0, 1, 2], [0, 0, 1, 1])
                == "mean IoU needs boxes with an area; received [1.0, 0.0, 1.0, 2.0]"
        )
        #expect(
            try reason(.averagePrecision, .detections, [1, 0, 0, 0, 0], [1, 0, 0, 1, 1])
                == "AP@0.5 needs objects 0 or 1 with boxes that have an area; received "
                + "[1.0, 0.0, 0.0, 0.0, 0.0]"
        )
        #expect(
            try reason(.averagePrecision, .detections, [0, 0, 0, 0, 0], [1, 0, 0, 1, 1])
                == "AP@0.5 needs an object; received none"
        )
        let error = #expect(throws: MetricError.self) {
            try AveragePrecision.value(detections: [], objects: [])
        }
        #expect(error == .undefined("average precision needs an object; received none"))
    }

    private let here = Box(left: 0, top: 0, right: 1, bottom: 1)

    @Test func anObjectIsFoundOnce() throws {
        let objects = [
            LabelledObject(picture: 0, box: here), LabelledObject(picture: 1, box: here),
        ]
        func value(_ scores: [(picture: Int, score: Float)]) throws -> Double {
            try AveragePrecision.value(
                detections: scores.map {
                    Detection(picture: $0.picture, box: here, score: $0.score)
                },
                objects: objects
            )
        }
        #expect(try value([(0, 0.9), (1, 0.8)]) == 1)
        // The second detection of picture 0 is wrong: precision at recall 1 is 2/3.
        #expect(try value([(0, 0.9), (0, 0.85), (1, 0.8)]) == 0.5 + 0.5 * 2 / 3)
        // Detections in an empty picture are wrong.
        #expect(try value([(7, 0.95), (0, 0.9), (1, 0.8)]) == 2 / 3.0)
        // What comes after the last object does not matter.
        #expect(try value([(0, 0.9), (1, 0.8), (7, 0.1)]) == 1)
        #expect(try value([(0, 0.9)]) == 0.5)
        #expect(try value([]) == 0)
    }

    @Test func classesAreMatchedApart() throws {
        let objects = [
            LabelledObject(picture: 0, label: 3, box: here),
            LabelledObject(picture: 0, label: 5, box: here),
        ]
        let detections = [
            Detection(picture: 0, label: 3, box: here, score: 0.5),
            Detection(picture: 0, label: 4, box: here, score: 0.9),
        ]
        let values = try AveragePrecision.byClass(detections: detections, objects: objects)
        #expect(values == [3: 1, 5: 0])
        #expect(try AveragePrecision.value(detections: detections, objects: objects) == 0.5)
    }

    @Test func rowsOfPicturesEqualTheGeneralCase() throws {
        let rows = try StructuredSample.random(.detections, rows: 80, key: RandomKey(seed: 12))
        var objects: [LabelledObject] = []
        var detections: [Detection] = []
        for row in 0..<rows.count {
            func box(_ values: [Float]) -> Box {
                let part = Array(values[row * 5 + 1..<row * 5 + 5])
                return Box(left: part[0], top: part[1], right: part[2], bottom: part[3])
            }
            if rows.labels[row * 5] == 1 {
                objects.append(LabelledObject(picture: row, box: box(rows.labels)))
            }
            detections.append(
                Detection(
                    picture: row,
                    box: box(rows.predictions),
                    score: rows.predictions[row * 5]
                )
            )
        }
        let plain = try Observations(
            .detections,
            labels: rows.labels,
            predictions: rows.predictions
        )
        // Values before the checks: the optimizer of Swift 6.3.1 crashes on an optional value and a
        // throwing call in one expression.
        let single = try AveragePrecision.value(detections: detections, objects: objects)
        let mean = try AveragePrecision.value(
            detections: detections,
            objects: objects,
            thresholds: AveragePrecision.standardThresholds
        )
        let metrics = [Metric.averagePrecision, .meanAveragePrecision].map {
            $0.evaluate(plain).value
        }
        #expect(near(metrics[0], single, relative: 1e-12))
        #expect(near(metrics[1], mean, relative: 1e-12))
    }
}
