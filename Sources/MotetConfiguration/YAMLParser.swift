import MotetCore
import Yams

/// Turns YAML text into nodes; the one place that knows Yams.
struct YAMLParser {
    let file: String

    /// Aliases copy what they name: a few lines could stand for billions of nodes.
    private static let maximumNodes = 1_000_000

    func parse(_ text: String) throws(ConfigurationError) -> ConfigurationNode {
        let text = text.hasPrefix("\u{FEFF}") ? String(text.dropFirst()) : text
        let root: Node?
        do {
            root = try Parser(yaml: text, resolver: .basic, encoding: .utf8).singleRoot()
        } catch let error as YamlError {
            throw ConfigurationError([problem(error, in: text)])
        } catch {
            throw ConfigurationError([problem(.brokenYAML, nil, "not valid YAML: \(error)")])
        }
        guard let root else { throw ConfigurationError([empty]) }
        var budget = Self.maximumNodes
        let node = try node(root, path: "", budget: &budget)
        if node.content == .null, node.text.isEmpty { throw ConfigurationError([empty]) }
        return node
    }

    private var empty: ConfigurationProblem {
        problem(.unreadableConfiguration, nil, "the file is empty; expected keys with values.")
    }

    func problem(
        _ code: ErrorCode,
        _ mark: Mark?,
        path: String = "",
        _ message: String
    ) -> ConfigurationProblem {
        ConfigurationProblem(
            code,
            file: file,
            line: mark?.line,
            column: mark?.column,
            path: path,
            message: message
        )
    }

    private func node(
        _ node: Node,
        path: String,
        budget: inout Int
    ) throws(ConfigurationError) -> ConfigurationNode {
        budget -= 1
        guard budget > 0 else {
            let message =
                "too large; expected at most \(Self.maximumNodes) values, aliases expanded."
            throw ConfigurationError([problem(.brokenYAML, node.mark, message)])
        }
        switch node {
        case .scalar(let scalar): return try self.node(scalar, path: path)
        case .sequence(let sequence):
            var values: [ConfigurationNode] = []
            for (index, value) in sequence.enumerated() {
                values.append(try self.node(value, path: "\(path)[\(index)]", budget: &budget))
            }
            return at(sequence.mark, .list(values))
        case .mapping(let mapping):
            return at(mapping.mark, .map(try entries(mapping, path: path, budget: &budget)))
        case .alias(let alias):
            throw ConfigurationError([
                problem(.brokenYAML, alias.mark, path: path, "an alias names nothing.")
            ])
        }
    }

    private func entries(
        _ mapping: Node.Mapping,
        path: String,
        budget: inout Int
    ) throws(ConfigurationError) -> [ConfigurationNode.Entry] {
        var entries: [ConfigurationNode.Entry] = []
        for (key, value) in mapping {
            guard case .scalar(let scalar) = key else {
                throw ConfigurationError([
                    problem(
                        .wrongType,
                        key.mark,
                        path: path,
                        "a key is a list or a map; expected text."
                    )
                ])
            }
            let name = scalar.string
            let place = path.isEmpty ? name : "\(path).\(name)"
            entries.append(
                ConfigurationNode.Entry(
                    key: name,
                    line: scalar.mark?.line ?? 0,
                    value: try node(value, path: place, budget: &budget)
                )
            )
        }
        return entries
    }

    private func node(
        _ scalar: Node.Scalar,
        path: String
    ) throws(ConfigurationError) -> ConfigurationNode {
        let tag = scalar.tag.rawValue
        guard ["", "!", "tag:yaml.org,2002:str"].contains(tag) else {
            let message = "tags are not supported; received \(tag). Write the value alone."
            throw ConfigurationError([problem(.brokenYAML, scalar.mark, path: path, message)])
        }
        let isPlain = scalar.style == .plain && tag.isEmpty
        return at(
            scalar.mark,
            isPlain ? ScalarSyntax.content(ofPlain: scalar.string) : .string(scalar.string),
            text: scalar.string
        )
    }

    private func at(
        _ mark: Mark?,
        _ content: ConfigurationNode.Content,
        text: String = ""
    ) -> ConfigurationNode {
        ConfigurationNode(
            content: content,
            text: text,
            line: mark?.line ?? 0,
            column: mark?.column ?? 0
        )
    }
}
