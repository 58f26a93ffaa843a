import MotetCore

/// A piece of a formula's text.
struct FormulaToken: Equatable {
    enum Kind: Equatable {
        case number(Double)
        case name(String)
        case symbol(Character)
        case end
    }

    let kind: Kind
    /// Where it starts, in characters from 1.
    let column: Int

    /// It in words, for messages.
    var text: String {
        switch kind {
        case .number(let value): "the number \(value)"
        case .name(let name): "\"\(name.shown)\""
        case .symbol(let symbol): "\"\(symbol)\""
        case .end: "the end"
        }
    }
}

extension FormulaToken {
    private static let symbols: Set<Character> = ["+", "-", "*", "/", "^", "(", ")", ","]

    /// The pieces of a text, `.end` last.
    ///
    /// A number is digits with a point and an exponent, if any; a name is ASCII letters, digits and `_`, not
    /// first a digit.
    static func pieces(_ text: String) throws(RankingError) -> [FormulaToken] {
        let characters = Array(text)
        var pieces: [FormulaToken] = []
        var place = 0
        while place < characters.count {
            let character = characters[place]
            let start = place
            if character.isWhitespace {
                place += 1
                continue
            }
            if symbols.contains(character) {
                place += 1
                pieces.append(FormulaToken(kind: .symbol(character), column: start + 1))
            } else if isNameStart(character) {
                while place < characters.count, isNamePart(characters[place]) { place += 1 }
                let name = String(characters[start..<place])
                pieces.append(FormulaToken(kind: .name(name), column: start + 1))
            } else if isDigit(character) || character == "." {
                place = endOfNumber(characters, from: start)
                let written = String(characters[start..<place])
                guard let value = Double(written), value.isFinite else {
                    throw .formula(
                        column: start + 1,
                        "not a number; expected digits with at most one point and an exponent",
                        received: "\"\(written.shown)\""
                    )
                }
                pieces.append(FormulaToken(kind: .number(value), column: start + 1))
            } else {
                throw .formula(
                    column: start + 1,
                    "a character that has no meaning here; expected a number, a name, one of + - * / ^ ( ) or a comma",
                    received: "\"\(String(character).shown)\""
                )
            }
        }
        return pieces + [FormulaToken(kind: .end, column: characters.count + 1)]
    }

    private static func isDigit(_ character: Character) -> Bool { ("0"..."9").contains(character) }

    private static func isNameStart(_ character: Character) -> Bool {
        ("a"..."z").contains(character) || ("A"..."Z").contains(character) || character == "_"
    }

    private static func isNamePart(_ character: Character) -> Bool {
        isNameStart(character) || isDigit(character)
    }

    private static func endOfNumber(_ characters: [Character], from start: Int) -> Int {
        var place = start
        func skipDigits() {
            while place < characters.count, isDigit(characters[place]) || characters[place] == "." {
                place += 1
            }
        }
        skipDigits()
        guard place < characters.count, characters[place] == "e" || characters[place] == "E" else {
            return place
        }
        var exponent = place + 1
        if exponent < characters.count, characters[exponent] == "+" || characters[exponent] == "-" {
            exponent += 1
        }
        // `2e` is the number 2 and a name that does not exist, which the parser tells.
        guard exponent < characters.count, isDigit(characters[exponent]) else { return place }
        place = exponent
        while place < characters.count, isDigit(characters[place]) { place += 1 }
        return place
    }
}

extension String {
    /// The text as a sentence shows it: its first 60 scalars, for one character may have any number, without
    /// control characters.
    var shown: String {
        let first = unicodeScalars.prefix(60).map { scalar in
            scalar.properties.generalCategory == .control ? "\u{FFFD}" : scalar
        }
        return String(UnicodeScalarView(first)) + (unicodeScalars.count > 60 ? "..." : "")
    }
}

extension RankingError {
    /// A name or a function that there is not.
    static func unknown(
        _ name: String,
        _ what: String,
        column: Int,
        _ known: [String]
    ) -> RankingError {
        let isShort = name.unicodeScalars.count <= 60
        let hint = isShort ? Suggestion.sentence(for: name, in: known) : ""
        return RankingError(
            .scoreFormula,
            "score formula, column \(column): unknown \(what); expected one of "
                + "\(known.joined(separator: ", ")); received \"\(name.shown)\".\(hint)"
        )
    }

    /// A mistake at a place of a formula.
    static func formula(column: Int, _ problem: String, received: String) -> RankingError {
        RankingError(
            .scoreFormula,
            "score formula, column \(column): \(problem); received \(received)."
        )
    }
}
