import Foundation
import Testing

@testable import MotetData

@Suite("Vocabularies and hashes") struct VocabularyTests {
    /// Written from the documentation, not from the kernel.
    private func documentedHash(_ bytes: [UInt8]) -> UInt64 {
        func mix(_ input: UInt64) -> UInt64 {
            var bits = input
            bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
            bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
            return bits ^ (bits >> 31)
        }
        if let integer = Int64(String(decoding: bytes, as: UTF8.self)),
            String(integer) == String(decoding: bytes, as: UTF8.self)
        {
            return mix(UInt64(bitPattern: integer) &+ 0x9E37_79B9_7F4A_7C15)
        }
        var state = mix(UInt64(bytes.count) &+ 0x9E37_79B9_7F4A_7C15)
        for start in stride(from: 0, to: bytes.count, by: 8) {
            var word: UInt64 = 0
            for (place, byte) in bytes[start..<min(start + 8, bytes.count)].enumerated() {
                word |= UInt64(byte) << (8 * UInt64(place))
            }
            state = mix(state ^ word)
        }
        return state
    }

    @Test(arguments: [
        "", "a", "ab", "abc", "abcd", "abcde", "abcdef", "abcdefg", "abcdefgh", "abcdefghi", "0",
        "-1", "12", "007", "-0", "+5", "1.5", "999999999999999999", "Zoë",
        "a longer text, 26 bytes",
    ])
    func hashIsTheDocumentedOne(text: String) {
        #expect(ValueHash.hash(of: text) == documentedHash(Array(text.utf8)))
    }

    @Test func bucketsAreInRangeAndSpread() {
        var counts = [Int](repeating: 0, count: 11)
        for number in 0..<10_000 {
            counts[ValueHash.bucket(of: "user \(number)", buckets: 10)] += 1
        }
        #expect(counts[0] == 0)
        // 1,000 expected each, standard deviation 30.
        #expect(counts[1...].allSatisfy { (850...1_150).contains($0) }, "\(counts)")
    }

    @Test func codesFollowTheOrderOfAppearance() throws {
        let interner = Interner()
        let texts = ["b", "a", "b", "12", "012", "12", "", "Zoë"]
        let codes = try texts.map { try interner.code(of: $0) }
        #expect(codes == [0, 1, 0, 2, 3, 2, -1, 4])
        #expect((0..<5).map { interner.text($0) } == ["b", "a", "12", "012", "Zoë"])
    }

    @Test func manyValuesKeepTheirCodes() throws {
        let interner = Interner()
        let vocabulary = Vocabulary((0..<20_000).map { $0 % 2 == 0 ? "\($0)" : "item \($0)" })
        let codes = try interner.codes(of: vocabulary)
        #expect(codes == Array(0..<20_000))
        #expect(try interner.codes(of: vocabulary) == codes)
        #expect(interner.vocabulary(codes) == vocabulary)
    }

    @Test(arguments: [
        [], ["a"], ["", "b"], ["line\nend", "back\\slash", "carriage\rreturn", "\\n"], ["12", "é"],
    ])
    func filesGiveBackTheValues(values: [String]) throws {
        let vocabulary = Vocabulary(values)
        let read = try #require(Vocabulary(fileContents: vocabulary.fileContents()))
        #expect(read == vocabulary)
        #expect(read.values == values)
        let decoded = try JSONDecoder().decode(
            Vocabulary.self,
            from: JSONEncoder().encode(vocabulary)
        )
        #expect(decoded == vocabulary)
    }

    @Test func aFileThatIsCutOffIsRefused() {
        let data = Vocabulary(["first", "second"]).fileContents()
        #expect(Vocabulary(fileContents: data.dropLast(2)) == nil)
    }

    @Test func idsStartAtOne() {
        let vocabulary = Vocabulary(["x", "y"])
        #expect(vocabulary.ids() == ["x": 1, "y": 2])
        #expect(vocabulary.value(of: 2) == "y")
    }
}
