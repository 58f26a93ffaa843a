import MotetCore
import MotetData
import Testing

@Suite("Columns of boxes") struct BoxColumnTests {
    private func mistake(_ boxes: [Float], side: Float = 1) throws -> ImageError? {
        let data = try PreparedDataset(inMemory: [
            "label/box": .floats([0, 0, 1, 1] + boxes, width: 4)
        ])
        do {
            try data.requireBoxes("label/box", width: side, height: side)
            return nil
        } catch let error as ImageError {
            return error
        }
    }

    @Test(
        arguments: [
            [-0.01, 0, 1, 1], [0, -0.01, 1, 1], [0, 0, 1.01, 1], [0, 0, 1, 1.01],
            // No area, or borders in the wrong order.
            [0.5, 0, 0.5, 1], [0, 0.5, 1, 0.5], [0.6, 0, 0.4, 1], [0, 0.6, 1, 0.4],
            // A part of a box, and what is no number.
            [0, 0, .nan, 1], [0, 0, 1, .infinity],
        ] as [[Float]]
    )
    func aBoxThatIsNotInsideIsNamedWithItsRow(box: [Float]) throws {
        let error = try #require(try mistake(box))
        #expect(error.code == .boxOutside)
        #expect(error.description.hasPrefix("image \"row 1 of label/box\": a box is outside"))
    }

    @Test func boxesInsideAndMissingOnesPass() throws {
        #expect(try mistake([0.25, 0, 0.5, 1]) == nil)
        #expect(try mistake([.nan, .nan, .nan, .nan]) == nil)
        // In pixels the unit is another.
        #expect(try mistake([3, 4, 64, 63], side: 64) == nil)
        #expect(try mistake([3, 4, 65, 63], side: 64)?.code == .boxOutside)
    }

    @Test func columnsThatHoldNoBoxesAreRefused() throws {
        let data = try PreparedDataset(inMemory: ["label/box": .floats([0, 1, 2], width: 3)])
        let error = #expect(throws: TableError.self) { try data.requireBoxes("label/box") }
        #expect(error?.description.contains("expected 4 floats a row") == true)
        #expect(throws: TableError.self) { try data.requireBoxes("label/boxes") }
    }
}
