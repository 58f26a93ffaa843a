import MotetCore
import MotetNN
import MotetTestSupport
import Testing

@Suite("Safetensors") struct SafetensorsTests {
    private static func bytes(_ header: String, _ body: [UInt8] = []) -> [UInt8] {
        let text = Array(header.utf8)
        return (0..<8).map { UInt8(truncatingIfNeeded: text.count >> ($0 * 8)) } + text + body
    }

    private static func message(_ bytes: [UInt8]) -> String? {
        do {
            _ = try SafetensorsFile(bytes: bytes, name: "x.safetensors")
            return nil
        } catch { return error.description }
    }

    private static let contents = SafetensorsFile(
        tensors: [
            "tower/weight": Tensor([1, -2.5, 3e-38, .infinity] as [Float], shape: [2, 2]),
            "ids": Tensor([-1, Int32.max, Int32.min] as [Int32]),
            "scalar": Tensor([7] as [Float], shape: []), "empty": Tensor(zeros: [0, 4]),
            "a \"quoted\" name\n\\ \u{1}é😀": Tensor([1] as [Int32]),
        ],
        metadata: ["format": "motet 1", "note": "line\nend \"x\" \t \\ \u{7}ü"]
    )

    @Test func whatIsWrittenIsReadBack() throws {
        let bytes = Self.contents.bytes
        #expect(try SafetensorsFile(bytes: bytes, name: "x") == Self.contents)
        #expect(SafetensorsFile(tensors: [:]).bytes.count == 16)
        #expect(try SafetensorsFile(bytes: SafetensorsFile().bytes, name: "x") == SafetensorsFile())
    }

    @Test func equalContentsGiveEqualBytes() {
        var other = SafetensorsFile(metadata: Self.contents.metadata)
        for name in Self.contents.tensors.keys.sorted().reversed() {
            other.tensors[name] = Self.contents.tensors[name]
        }
        #expect(other.bytes == Self.contents.bytes)
    }

    @Test func elementsStartAtAMultipleOfEight() {
        let bytes = Self.contents.bytes
        #expect(Int(bytes[0]) + Int(bytes[1]) << 8 == bytes.count - 8 - 4 * 9)
        #expect((bytes.count - 4 * 9).isMultiple(of: 8))
    }

    @Test(arguments: 0..<contents.bytes.count)
    func everyTruncatedFileIsRefused(count: Int) {
        let message = Self.message(Array(Self.contents.bytes.prefix(count)))
        #expect(message?.hasPrefix("safetensors file \"x.safetensors\": ") == true)
    }

    @Test func filesOfOtherProgramsAreRead() throws {
        let golden = try GoldenFile("ops/embeddings.safetensors")
        #expect(golden.file.tensors["embedding_gather/inputs/ids"]?.dtype == .int32)
        #expect(golden.file.tensors["embedding_gather/inputs/table"]?.shape == [7, 4])
        #expect(golden.file.metadata["seed"] != nil)
    }

    @Test func wideIntegersAreNarrowed() throws {
        let body: [UInt8] = [5, 0, 0, 0, 0, 0, 0, 0] + [UInt8](repeating: 255, count: 8)
        let header = #"{"n":{"dtype":"I64","shape":[2],"data_offsets":[0,16]}}"#
        let file = try SafetensorsFile(bytes: Self.bytes(header, body), name: "x")
        #expect(file.tensors["n"] == Tensor([5, -1] as [Int32]))
    }

    private static let refused: [(bytes: [UInt8], sentence: String)] = [
        ([], "too short for a header; expected at least 8 bytes; received 0."),
        (
            [9, 0, 0, 0, 0, 0, 0, 0, 0x7B],
            "the file ends within its header; expected a header of 9 bytes; received 1. It may be cut off, or no safetensors file."
        ),
        (
            [UInt8](repeating: 255, count: 40),
            "the file ends within its header; expected a header of 18446744073709551615 bytes; received 32. It may be cut off, or no safetensors file."
        ),
        (bytes("{"), "the header is not JSON; expected a string at byte 1."),
        (bytes("[]"), "the header is not a JSON object."),
        (bytes("{} x"), "the header is not JSON; expected the end at byte 3."),
        (
            bytes(String(repeating: "[", count: 100_000)),
            "the header is not JSON; expected less nesting at byte 16."
        ),
        (bytes(#"{"__metadata__":{"a":1}}"#), "the metadata \"a\" is not a string."),
        (
            bytes(#"{"w":{"dtype":"F32","shape":[1]}}"#),
            "the tensor \"w\" is badly described; expected `dtype`, `shape` and two `data_offsets` in order."
        ),
        (
            bytes(#"{"w":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}"#, [0, 0, 0, 0]),
            "the tensor \"w\" is badly described; expected `dtype`, `shape` and two `data_offsets` in order."
        ),
        (
            bytes(#"{"w":{"dtype":"BF16","shape":[2],"data_offsets":[0,4]}}"#, [0, 0, 0, 0]),
            "the tensor \"w\" has a type that is not read; expected F32, I32 or I64; received BF16."
        ),
        (
            bytes(#"{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}"#, [0, 0, 0, 0]),
            "the offsets of the tensor \"w\" do not fit its shape; expected 8 bytes for F32 [2]; received 4."
        ),
        (
            bytes(
                #"{"w":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,0]}}"#
            ),
            "the shape [4611686018427387904, 4] of the tensor \"w\" is too large."
        ),
        (
            bytes(
                #"{"w":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#,
                [0, 0, 0, 0, 0, 0, 0, 0]
            ),
            "the tensor \"w\" does not follow the one before it; expected it at byte 0 of the data; received 4."
        ),
        (
            bytes(#"{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#, [0, 0]),
            "the file ends within its data; expected 4 bytes of elements; received 2. It may be cut off: copy or save it again."
        ),
        (
            bytes(#"{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#, [0, 0, 0, 0, 0]),
            "bytes follow the last tensor; expected 4 bytes of elements; received 5."
        ),
        (
            bytes(
                #"{"w":{"dtype":"F32","shape":[0],"data_offsets":[0,0]},"w":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}}"#
            ),
            "two tensors are called \"w\"."
        ),
        (
            bytes(
                #"{"n":{"dtype":"I64","shape":[1],"data_offsets":[0,8]}}"#,
                [0, 0, 0, 128, 0, 0, 0, 0]
            ),
            "an element of the tensor \"n\" does not fit in 32 bits; expected -2147483648 to 2147483647; received 2147483648 at position 0."
        ),
        (bytes("{\"\u{FF}"), "the header is not JSON; expected the end of a string at byte 4."),
        (
            bytes(#"{"\ud800":1}"#),
            "the header is not JSON; expected a pair of surrogates at byte 8."
        ),
    ]

    @Test(arguments: refused)
    func malformedFilesAreASentence(bytes: [UInt8], sentence: String) {
        #expect(Self.message(bytes) == "safetensors file \"x.safetensors\": " + sentence)
    }

    @Test func escapesAreRead() throws {
        let header = #"{ "__metadata__" : { "a" : "\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00" } }  "#
        let file = try SafetensorsFile(bytes: Self.bytes(header), name: "x")
        #expect(file.metadata["a"] == "\"\\/\u{8}\u{C}\n\r\té😀")
    }

    /// No single flipped bit of the header crashes the reader: it is refused, or reads as something.
    @Test func flippedBitsNeverCrash() {
        let bytes = Self.contents.bytes
        for position in 0..<bytes.count - 36 {
            for bit in 0..<8 {
                var flipped = bytes
                flipped[position] ^= 1 << UInt8(bit)
                _ = Self.message(flipped)
            }
        }
        #expect(Self.message(bytes) == nil)
    }
}
