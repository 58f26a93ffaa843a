import MotetCore
import Testing

@Suite("Tensor") struct TensorTests {
    @Test func aCopyKeepsItsElementsWhenTheOtherChanges() {
        let first = Tensor([1, 2, 3, 4] as [Float], shape: [2, 2])
        var second = first
        second.withMutableFloats { $0[0] = 9 }
        #expect(first.floats == [1, 2, 3, 4])
        #expect(second.floats == [9, 2, 3, 4])
    }

    @Test func reshapedTensorsShareStorageUntilWrittenTo() {
        let first = Tensor([1, 2, 3, 4] as [Int32])
        var second = first.reshaped([2, 2])
        let address = first.withBytes { $0.baseAddress }
        #expect(second.withBytes { $0.baseAddress } == address)
        second.withMutableIntegers { $0[3] = 7 }
        #expect(second.withBytes { $0.baseAddress } != address)
        #expect(first.integers == [1, 2, 3, 4])
        #expect(second.integers == [1, 2, 3, 7])
        #expect(second.shape == [2, 2])
    }

    @Test func anOnlyOwnerIsWrittenInPlace() {
        var tensor = Tensor(zeros: [3])
        let address = tensor.withBytes { $0.baseAddress }
        tensor.withMutableFloats { $0[1] = 5 }
        #expect(tensor.withBytes { $0.baseAddress } == address)
        #expect(tensor.floats == [0, 5, 0])
    }

    @Test(arguments: [[], [1], [3, 5], [0, 4], [7]])
    func storageIsAlignedAndZero(shape: [Int]) {
        let tensor = Tensor(zeros: shape)
        #expect(tensor.count == shape.reduce(1, *))
        #expect(tensor.byteCount == 4 * tensor.count)
        #expect(tensor.floats.allSatisfy { $0 == 0 })
        tensor.withBytes { bytes in
            #expect(UInt(bitPattern: bytes.baseAddress) % 64 == 0)
            #expect(bytes.count == tensor.byteCount)
        }
    }

    @Test func equalityIsOfShapeTypeAndBits() {
        let tensor = Tensor([1, .nan] as [Float])
        #expect(tensor == Tensor([1, .nan] as [Float]))
        #expect(tensor != tensor.reshaped([2, 1]))
        #expect(Tensor([0] as [Float]) != Tensor([-0.0] as [Float]))
        #expect(Tensor([0] as [Float]) != Tensor([0] as [Int32]))
    }

    @Test func integersReadAsFloats() {
        #expect(Tensor([-3, 7] as [Int32]).floats == [-3, 7])
    }
}
