import Testing

@testable import MotetData

@Suite("Text scan") struct TextScanTests {
    @Test(
        arguments: [
            ("12", .integer), ("-7", .integer), ("+3", .integer), ("0", .integer),
            ("007", .paddedInteger), ("00", .paddedInteger), ("1.5", .decimal), ("-.5", .decimal),
            ("1e-3", .decimal), ("0.5", .decimal), ("17850.0", .decimal), ("inf", .infinity),
            ("-Infinity", .infinity), ("NaN", .missing), ("NA", .missing), ("na", .text),
            ("TRUE", .boolean), ("false", .boolean), ("2011-10-01", .time),
            ("2011-10-01T12:30:00Z", .time), ("2011-13-01", .text), ("12,50", .commaNumber),
            ("1.234,50", .commaNumber), ("1,234.50", .groupedNumber), ("1,234,567", .groupedNumber),
            ("1,23,456", .text), ("C536379", .text), ("12abc", .text), ("1-2", .text), ("-", .text),
            (".", .text), ("1.2.3", .text), ("?", .text), ("0x1p3", .text), ("12 %", .text),
        ] as [(String, TextScan.Kind)]
    )
    func textsHaveTheirKind(text: String, kind: TextScan.Kind) {
        #expect(TextScan(text).kind == kind, "\(text)")
        #expect(TextScan(" \(text)\t").kind == kind)
        #expect(TextScan(" \(text)").isPadded)
    }

    @Test(arguments: [
        "0.1", "-123.456", "999999999999999", "1234567890123456789", "1e300", "4.9e-324",
        "0.000000000000001", "123456789012345.6", "9007199254740993", "1.7976931348623157e308",
    ])
    func numbersAreTheNearestDouble(text: String) throws {
        #expect(TextScan(text).number == Double(text))
    }

    @Test(arguments: [
        ("12,50", 12.5), ("1.234,50", 1234.5), ("-0,5", -0.5), ("1,234.50", 1234.5),
        ("1,234,567", 1_234_567),
    ])
    func separatorsAreUnderstood(text: String, number: Double) {
        #expect(TextScan(text).number == number)
    }

    @Test(
        arguments: [
            (["12/31/2010 8:26", "1/2/2011 9:05"], "%m/%d/%Y %H:%M"),
            (["31/12/2010", "01/02/2011"], "%d/%m/%Y"),
            (["01.12.2010 08:26:00", "02.12.2010 09:00:59"], "%d.%m.%Y %H:%M:%S"),
            (["2010/12/01", "2011/01/31"], "%Y/%m/%d"),
            (["31/31/2010", "1/2/2011"], nil), (["1/2/2011", "soon"], nil),
            (["10.5.3", "1.2.3"], nil),
        ] as [([String], String?)]
    )
    func otherDatesGetAFormat(texts: [String], format: String?) {
        #expect(TextShape.timeFormat(texts) == format)
    }

    @Test(arguments: [
        ("CustomerID", ["customer", "id"]), ("customer_id", ["customer", "id"]),
        ("userId", ["user", "id"]), ("InvoiceNo", ["invoice", "no"]), ("SKUCode", ["sku", "code"]),
        ("hours-per-week", ["hours", "per", "week"]), ("", []),
    ])
    func namesFallIntoWords(name: String, words: [String]) {
        #expect(NameWords.split(name) == words)
    }
}
