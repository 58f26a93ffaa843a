/// Cuts text into words and marks by the default word boundaries of Unicode.
///
/// A token is what lies between two neighbouring boundaries of UAX #29, from its first visible character
/// on: one that is no white space, control, format character or combining mark. So `can't`, `3.5`, `1,000` and `example.com` are one
/// token each, `touch-pad` is three, every other mark stands alone, emoji with their modifiers stay
/// whole, and Chinese characters, hiragana and the letters of Thai stand alone, because words of those
/// scripts cannot be told without a dictionary.
///
/// Text is cut as it is written; then each token is brought into a form and, if wanted, lower case.
///
/// - Source: Unicode Standard Annex #29, "Unicode Text Segmentation", revision 41, section 4.
///   <https://www.unicode.org/reports/tr29/>
/// - Departures: none known: all lines of Unicode 15.0's conformance test are cut as published. The classes of
///   characters are derived from the properties Swift has, as the annex's table 3 defines them; scripts and
///   line-breaking classes, which Swift lacks, are ranges of code points.
public struct WordTokenizer: Hashable, Sendable, Codable {
    /// Whether letters become lower case.
    public var isLowercased: Bool
    /// The spelling tokens are brought into.
    public var form: TextForm

    /// Creates a tokeniser.
    ///
    /// - Parameters:
    ///   - isLowercased: whether letters become lower case, by Unicode's own mapping.
    ///   - form: the spelling tokens are brought into.
    public init(isLowercased: Bool = true, form: TextForm = .canonical) {
        self.isLowercased = isLowercased
        self.form = form
    }

    /// The tokens of a text.
    ///
    /// - Parameter text: any text; one without visible characters has no tokens.
    /// - Returns: the tokens in order.
    public func tokens(_ text: String) -> [String] {
        ranges(text).map { token(text[$0]) }
    }

    /// Where the tokens of a text stand.
    ///
    /// - Parameter text: any text.
    /// - Returns: ranges that do not overlap, in order.
    public func ranges(_ text: String) -> [Range<String.Index>] {
        var ranges: [Range<String.Index>] = []
        var scan = WordScan(text)
        while let range = scan.next() { ranges.append(range) }
        return ranges
    }

    /// A piece of text in the tokeniser's form and case.
    ///
    /// - Parameter piece: what stands in a range of a text.
    /// - Returns: the token.
    public func token(_ piece: Substring) -> String {
        var piece = piece
        let isASCII = piece.withUTF8 { $0.allSatisfy { $0 < 0x80 } }
        let formed = isASCII ? String(piece) : form.applied(to: String(piece))
        return isLowercased ? formed.lowercased() : formed
    }
}

/// Walks over the boundaries of a text.
private struct WordScan {
    private let indices: [String.Index]
    private let classes: [WordClass]
    private let pictures: [Bool]
    private let isVisible: [Bool]
    private var start = 0

    init(_ text: String) {
        var indices: [String.Index] = []
        var classes: [WordClass] = []
        var pictures: [Bool] = []
        var isVisible: [Bool] = []
        let scalars = text.unicodeScalars
        for index in scalars.indices {
            let scalar = scalars[index]
            indices.append(index)
            classes.append(WordClass(scalar))
            pictures.append(scalar.isPictographic)
            isVisible.append(scalar.isVisible)
        }
        indices.append(text.endIndex)
        (self.indices, self.classes) = (indices, classes)
        (self.pictures, self.isVisible) = (pictures, isVisible)
    }

    /// The next stretch that holds something visible.
    mutating func next() -> Range<String.Index>? {
        while start < classes.count {
            var end = start + 1
            while end < classes.count, !isBoundary(end) { end += 1 }
            defer { start = end }
            if let first = isVisible[start..<end].firstIndex(of: true) {
                return indices[first]..<indices[end]
            }
        }
        return nil
    }

    /// Whether a word ends before a character; the numbers are those of the annex's rules.
    private func isBoundary(_ place: Int) -> Bool {
        let (before, after) = (classes[place - 1], classes[place])
        if before == .carriageReturn && after == .lineFeed { return false }  // WB3
        if before.isLineEnd || after.isLineEnd { return true }  // WB3a, WB3b
        if before == .joiner && pictures[place] { return false }  // WB3c
        if before == .space && after == .space { return false }  // WB3d
        if after.isIgnored { return false }  // WB4
        guard let left = significant(before: place) else { return true }
        let (own, next) = (classes[left], significant(after: place).map { classes[$0] })
        let previous = significant(before: left).map { classes[$0] }
        switch (own, after) {
        case _ where own.isLetter && after.isLetter: return false  // WB5
        case _ where own.isLetter && after.joinsLetters && next?.isLetter == true:
            return false  // WB6
        case _ where own.joinsLetters && after.isLetter && previous?.isLetter == true:
            return false  // WB7
        case (.hebrew, .singleQuote): return false  // WB7a
        case (.hebrew, .doubleQuote): return next != .hebrew  // WB7b
        case (.doubleQuote, .hebrew): return previous != .hebrew  // WB7c
        case (.number, .number): return false  // WB8
        case _ where own.isLetter && after == .number: return false  // WB9
        case _ where own == .number && after.isLetter: return false  // WB10
        case _ where own.joinsNumbers && after == .number && previous == .number:
            return false  // WB11
        case _ where own == .number && after.joinsNumbers && next == .number: return false  // WB12
        case (.katakana, .katakana): return false  // WB13
        case _ where own.isConnected && after == .connector: return false  // WB13a
        case (.connector, _) where after.isConnected && after != .connector:
            return false  // WB13b
        case (.region, .region): return regions(upTo: left).isMultiple(of: 2)  // WB15, WB16
        default: return true  // WB999
        }
    }

    /// The last character before a place that rule WB4 does not pass over; nil where a line ends.
    private func significant(before place: Int) -> Int? {
        var index = place - 1
        while index >= 0, classes[index].isIgnored { index -= 1 }
        // What would be passed over stands for itself at the beginning of a line.
        if index < 0 || classes[index].isLineEnd { return index + 1 < place ? index + 1 : nil }
        return index
    }

    private func significant(after place: Int) -> Int? {
        var index = place + 1
        while index < classes.count, classes[index].isIgnored { index += 1 }
        return index < classes.count ? index : nil
    }

    /// The regional indicators that stand before and at a place without a gap.
    private func regions(upTo place: Int) -> Int {
        var (count, index) = (0, place)
        while classes[index] == .region {
            count += 1
            guard let previous = significant(before: index), previous < index else { break }
            index = previous
        }
        return count
    }
}
