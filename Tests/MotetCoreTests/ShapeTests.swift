import MotetCore
import Testing

@Suite("Shape and Dimension") struct ShapeTests {
    private static let sentences: [(shape: Shape, text: String)] = [
        ([], "[]"), ([64], "[64]"), ([.batch, 64], "[B, 64]"),
        ([.symbol(.batch, scale: 4), 2], "[4*B, 2]"), ([.symbol(.batch, offset: 1)], "[B+1]"),
        ([.symbol(SizeSymbol("N.history"), scale: 2, offset: 3)], "[2*N.history+3]"),
    ]

    @Test(arguments: sentences)
    func shapesReadAsInMessages(shape: Shape, text: String) {
        #expect(shape.description == text)
    }

    @Test func symbolsAreReplacedBySizes() {
        let shape: Shape = [.symbol(.batch, scale: 4, offset: 1), 3]
        #expect(shape.resolved([.batch: 5]) == [21, 3])
        #expect(shape.resolved([.batch: 0]) == [1, 3])
        #expect(shape.resolved([SizeSymbol("N"): 5]) == nil)
        #expect(shape.fixedSizes == nil)
        #expect(shape.fixedCount == nil)
    }

    @Test func constantShapesKnowTheirCount() {
        #expect(Shape(fixed: [3, 4]).fixedCount == 12)
        #expect(Shape.scalar.fixedCount == 1)
        #expect(Shape.scalar.last == 1)
        #expect(Shape(fixed: [3, 4]) == [3, 4])
    }

    @Test func aSumOfSizesHasAName() {
        let sum = SizeSymbol.sum(.batch, .symbol(SizeSymbol("N"), scale: 2))
        #expect(sum.name == "B+2*N")
    }
}
