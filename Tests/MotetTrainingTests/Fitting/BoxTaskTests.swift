import MotetCore
import MotetData
import MotetGraph
import MotetMetrics
import MotetNN
import MotetOneDNN
import MotetOptimizers
import MotetTraining
import Testing

/// Boxes that are the row's four numbers, moved; some rows have none.
@Suite("Tasks of boxes") struct BoxTaskTests {
    private static func data(
        seed: UInt64,
        missing: Bool,
        ofMissing: Float = .nan
    ) throws -> PreparedDataset {
        var random = RandomKey(seed: seed).generator()
        var (inputs, boxes, there): ([Float], [Float], [Float]) = ([], [], [])
        for row in 0..<300 {
            let x = 0.5 * Float(random.nextUniform())
            let y = 0.5 * Float(random.nextUniform())
            let (width, height) = (0.2 + 0.2 * x, 0.2 + 0.3 * y)
            let isThere = !missing || !row.isMultiple(of: 3)
            inputs += [x, y, 1]
            // One side that is missing leaves out the whole box.
            boxes += isThere ? [x, y, x + width, y + height] : [x, ofMissing, y, ofMissing]
            there.append(isThere ? 1 : 0)
        }
        return try PreparedDataset(inMemory: [
            "x": .floats(inputs, width: 3), "label/box": .floats(boxes, width: 4),
            "label/object": .floats(there),
        ])
    }

    private static func trainer(_ loss: Loss) throws -> Trainer {
        let input = try Input("x", shape: [3])
        let hidden = try Dense(32, activation: .relu)(input)
        let model = try Model(
            inputs: [input],
            outputs: ["box": Dense(4)(hidden), "object": Dense(1)(hidden)]
        )
        return try Trainer(
            model,
            optimizer: .adam(learningRate: 0.01),
            tasks: [
                NamedTask("box", .regression(loss: loss, metrics: [.meanIoU])),
                NamedTask("object", .binary(metrics: [.auc])),
            ],
            seed: 3,
            backend: OneDNNBackend()
        )
    }

    @Test(arguments: [Loss.boxHuber(delta: 0.1), .iou, .giou])
    func boxesAreLearnt(loss: Loss) throws {
        let trainer = try Self.trainer(loss)
        // Boxes that do not meet have no gradient of IoU, so all losses start from near ones.
        let start = try Self.trainer(.boxHuber(delta: 0.1))
        _ = try start.fit(try Self.data(seed: 1, missing: true), epochs: 10, batchSize: 25)
        trainer.parameters = start.parameters
        let history = try trainer.fit(
            try Self.data(seed: 1, missing: true),
            epochs: 40,
            batchSize: 25
        )
        let report = MetricReport(
            evaluating: try trainer.evaluate(try Self.data(seed: 2, missing: true))
        )
        let overlap = report.value(MetricSelector(.meanIoU, task: "box")).value ?? 0
        #expect(overlap > 0.8, "mean IoU \(overlap)")
        #expect(history.epochs.allSatisfy { $0.losses[0].value?.isFinite == true })
    }

    @Test func aBoxWithAMissingSideTakesNoPart() throws {
        let trainer = try Self.trainer(.giou)
        let counts = try [false, true].map { missing in
            try trainer.evaluate(try Self.data(seed: 1, missing: missing))[0].observations.count
        }
        #expect(counts == [300, 200])
        // The planted fault: sides that are there do take part.
        let whole = try Self.data(seed: 1, missing: true, ofMissing: 0.5)
        #expect(try trainer.evaluate(whole)[0].observations.count == 300)
    }
}
