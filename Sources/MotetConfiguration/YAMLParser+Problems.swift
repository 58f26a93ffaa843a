import MotetCore
import Yams

extension YAMLParser {
    /// One sentence for an error of Yams.
    func problem(_ error: YamlError, in text: String) -> ConfigurationProblem {
        switch error {
        case .scanner(let context, let problem, let mark, _),
            .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            let sentence = sentence(problem, context: context, mark: mark, text: text)
            return self.problem(.brokenYAML, mark, sentence)
        case .duplicatedKeysInMapping(let keys, let context):
            return duplicate(keys.first ?? "", first: context.mark, text: text)
        case .reader(let problem, let offset, _, _):
            let before = text.prefix(offset ?? 0)
            let line = before.count(where: \.isNewline) + 1
            let column = before.reversed().prefix { !$0.isNewline }.count + 1
            return ConfigurationProblem(
                .brokenYAML,
                file: file,
                line: offset == nil ? nil : line,
                column: offset == nil ? nil : column,
                message: "not valid YAML: \(problem)."
            )
        default:
            return self.problem(.brokenYAML, nil, "not valid YAML: \(error)")
        }
    }

    private func sentence(
        _ problem: String,
        context: YamlError.Context?,
        mark: Mark,
        text: String
    ) -> String {
        if problem == "but found another document" {
            return "a second document begins; expected one document in a file."
        }
        var sentence = "not valid YAML: \(problem)"
        if let context {
            sentence += " \(context.text)"
            if context.mark.line != mark.line {
                sentence += " that begins on line \(context.mark.line)"
            }
        }
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        let indent = mark.line <= lines.count ? lines[mark.line - 1].prefix { $0.isWhitespace } : ""
        let hint = indent.contains("\t") ? " Indent with spaces: YAML does not allow tabs." : ""
        return sentence + "." + hint
    }

    /// The problem of a key given twice, at the line of the second if it can be found.
    ///
    /// Yams tells where the first stands. In a block map the second starts in the same column of a
    /// later line, before any line that is indented less.
    private func duplicate(_ key: String, first: Mark, text: String) -> ConfigurationProblem {
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        let spellings = [key, "\"\(key)\"", "'\(key)'"]
        var second: Int?
        for (index, line) in lines.enumerated().dropFirst(first.line) {
            let indent = line.prefix { $0 == " " || $0 == "-" }.count
            guard !line.allSatisfy(\.isWhitespace), !line.hasPrefix("#") else { continue }
            guard indent >= first.column - 1 else { break }
            let rest = line.dropFirst(first.column - 1)
            let isKey = spellings.contains { spelling in
                rest.hasPrefix(spelling)
                    && rest.dropFirst(spelling.count).drop { $0 == " " }.first == ":"
            }
            guard indent == first.column - 1, isKey else { continue }
            second = index + 1
            break
        }
        let message =
            second == nil
            ? "key `\(key)` is given twice in one map; expected each key once."
            : "key `\(key)` is given twice; expected each key once. The first stands on line "
                + "\(first.line)."
        return ConfigurationProblem(
            .duplicateKey,
            file: file,
            line: second ?? first.line,
            message: message
        )
    }
}
