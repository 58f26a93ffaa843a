import Foundation
import MotetCore
import Testing

@testable import MotetServing

@Suite("JSON") struct JSONTests {
    private func parse(_ text: String, depth: Int = 16) throws -> JSONValue {
        try Array(text.utf8).withUnsafeBufferPointer {
            try JSONParser.parse($0, maximumDepth: depth)
        }
    }

    @Test func valuesAreRead() throws {
        #expect(
            try parse(" [null , true,false] ") == .array([.null, .boolean(true), .boolean(false)])
        )
        #expect(
            try parse("{\"a\":1,\"b\":{\"c\":\"d\"}}")
                == .object([
                    JSONMember(key: "a", value: .integer(1)),
                    JSONMember(key: "b", value: .object([JSONMember(key: "c", value: .text("d"))])),
                ])
        )
        #expect(
            try parse("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\ud83d\\ude00 \u{e9}\"")
                == .text("\"\\/\u{8}\u{c}\n\r\t\u{e9}\u{1F600} \u{e9}")
        )
    }

    @Test(
        arguments: [
            "", " ", "{", "}", "[1,]", "[1 2]", "{\"a\"}", "{\"a\":}", "{a:1}", "{\"a\":1,}",
            "[1]]", "01",
            "-", "+1", ".5", "1.", "1e", "1e+", "0x1", "NaN", "-Infinity", "tru", "\"a", "\"\\x\"",
            "\"\\u12\"",
            "\"\\ud800\"", "\"\\ud800\\u0041\"", "\"\\udc00\"", "\"a\nb\"", "'a'", "[1,,2]",
            "\u{feff}1",
        ]
    )
    func whatIsNoJSONIsRefused(text: String) {
        let error = #expect(throws: RequestError.self) { try parse(text) }
        #expect(error?.code == "malformed_json")
    }

    @Test func numbersAreThoseOfTheStandardLibrary() throws {
        var random = RandomKey(seed: 5).generator()
        func digits(_ count: Int) -> String {
            (0..<count).map { _ in "\(Int.random(in: 0...9, using: &random))" }.joined()
        }
        for _ in 0..<20_000 {
            var text = Bool.random(using: &random) ? "-" : ""
            text += "\(Int.random(in: 1...9, using: &random))"
            text += digits(Int.random(in: 0...20, using: &random))
            if Bool.random(using: &random) {
                text += "." + digits(Int.random(in: 1...20, using: &random))
            }
            if Bool.random(using: &random) {
                text += "e\(Int.random(in: -320...280, using: &random))"
            }
            let expected = try #require(Double(text))
            switch try parse(text) {
            case .integer(let value): #expect(Int64(text) == value, "\(text)")
            case .number(let value):
                #expect(value.bitPattern == expected.bitPattern, "\(text)")
                #expect(Int64(text) == nil, "\(text)")
            default: Issue.record("\(text)")
            }
        }
        #expect(try parse("-0") == .number(-0.0))
        #expect(try parse("9223372036854775807") == .integer(.max))
        #expect(try parse("9223372036854775808") == .number(9_223_372_036_854_775_808))
        let error = #expect(throws: RequestError.self) { try parse("-1e999") }
        #expect(error?.code == "number_out_of_range")
    }

    /// Amounts of millionths and of thousandths are written as the numbers they are.
    @Test func wholeNumbersOfPartsAreWrittenAsNumbersAre() {
        var generator = RandomKey(seed: 4).generator()
        var values: [Int64] = [
            0, 1, 9, 99, 100, 101, 999, 1_000, 1_001, 999_999, 1_000_000, 1_000_001, 20_050_000,
            -5_000_000, 999_999_999_999_999, 1_000_000_000_000_000, .max, .min,
        ]
        for digits in 1...18 {
            for _ in 0..<500 {
                values.append(Int64(generator.nextUniform() * pow(10, Double(digits))))
            }
        }
        func written(_ body: (inout JSONWriter) -> Void) -> String {
            var writer = JSONWriter()
            body(&writer)
            return String(decoding: writer.bytes, as: UTF8.self)
        }
        for value in values {
            #expect(
                written { $0.millionths(value) } == written { $0.number(Double(value) / 1e6) }
            )
            #expect(
                written { $0.thousandths(value) } == written { $0.number(Double(value) / 1000) }
            )
        }
        let list = written { writer in
            writer.array { writer in
                for value in [1_500_000, 2_000_000] as [Int64] { writer.millionths(value) }
            }
        }
        #expect(list == "[1.5,2.0]")
    }

    @Test func depthIsCountedAndRepeatedFieldsAreFound() throws {
        #expect(try parse("[[[1]]]", depth: 3) == .array([.array([.array([.integer(1)])])]))
        #expect(throws: RequestError.self) { try parse("[[[1]]]", depth: 2) }
        for count in [2, 16, 17, 18, 200] {
            let fields = (0..<count).map { "\"f\($0)\":0" }
            #expect(throws: Never.self) { try parse("{\(fields.joined(separator: ","))}") }
            for repeated in [0, count / 2, count - 1] {
                let text = (fields + ["\"f\(repeated)\":1"]).joined(separator: ",")
                let error = #expect(throws: RequestError.self) { try parse("{\(text)}") }
                #expect(error?.code == "duplicate_field")
            }
        }
    }

    @Test func randomBytesNeverTrapAndAcceptedOnesAreJSONToOthersToo() throws {
        var random = RandomKey(seed: 9).generator()
        let pieces =
            Array("{}[]\":,\\u0019e-+.truefalsn \u{e9}\u{1F600}".utf8) + [0xC3, 0xFF, 0x80, 0]
        var accepted = 0
        for _ in 0..<200_000 {
            let bytes = (0..<Int.random(in: 1...10, using: &random)).map { _ in
                pieces[Int.random(in: 0..<pieces.count, using: &random)]
            }
            let value = try? bytes.withUnsafeBufferPointer {
                try JSONParser.parse($0, maximumDepth: 8)
            }
            guard let value else { continue }
            accepted += 1
            let other = try? JSONSerialization.jsonObject(
                with: Data(bytes),
                options: .fragmentsAllowed
            )
            #expect(other != nil, "\(bytes)")
            // What was read is written and read back equal.
            var writer = JSONWriter()
            writer.value(value)
            let again = try writer.bytes.withUnsafeBufferPointer {
                try JSONParser.parse($0, maximumDepth: 8)
            }
            #expect(Self.isEqual(again, value), "\(bytes)")
        }
        #expect(accepted > 1000)
    }

    /// Whether two values are the same but for whole numbers, which are written without a fraction or not.
    private static func isEqual(_ left: JSONValue, _ right: JSONValue) -> Bool {
        switch (left, right) {
        case (.array(let left), .array(let right)):
            left.count == right.count && zip(left, right).allSatisfy { isEqual($0, $1) }
        case (.object(let left), .object(let right)):
            left.map(\.key) == right.map(\.key)
                && zip(left, right).allSatisfy { isEqual($0.value, $1.value) }
        case (.integer(let left), .number(let right)): Double(left) == right
        default: left == right
        }
    }

    @Test func textsAreWrittenSoThatOthersReadThem() throws {
        let text =
            String(String.UnicodeScalarView((0...0x7F).compactMap { Unicode.Scalar($0) }))
            + "\u{e9}\u{1F600}"
        var writer = JSONWriter()
        writer.array { writer in
            writer.text(text)
            writer.number(Float(0.1))
            writer.number(1e-30)
            writer.integer(-3)
            writer.object { _ in }
            writer.null()
        }
        let read = try JSONSerialization.jsonObject(with: Data(writer.bytes)) as? [Any]
        #expect(read?.count == 6)
        #expect(read?[0] as? String == text)
        #expect((read?[1] as? NSNumber)?.floatValue == 0.1)
        #expect(read?[2] as? Double == 1e-30)
    }

    @Test func probabilitiesAreWrittenAsTheirDescription() {
        var random = RandomKey(seed: 5).generator()
        var written = 0
        for number in 0..<200_000 {
            var value = Float(random.nextUniform())
            if number % 3 == 0 { value *= 0.01 }
            // Numbers of few digits.
            if number % 5 == 0 { value = Float(number % 9_999 + 1) / 10_000 }
            var bytes: [UInt8] = []
            guard FloatText.write(value, to: &bytes) else { continue }
            written += 1
            #expect(String(decoding: bytes, as: UTF8.self) == value.description)
        }
        #expect(written > 150_000)
        for value: Float in [0, -0.25, 0.25, 1, 1.5, 0.000_05, .nan, .infinity] {
            var bytes: [UInt8] = []
            #expect(!FloatText.write(value, to: &bytes) && bytes.isEmpty, "\(value)")
        }
    }
}
