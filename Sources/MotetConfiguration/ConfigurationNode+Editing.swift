/// Why a tree cannot be changed at a place.
public struct ConfigurationEditError: Error, Hashable {
    /// The keys up to the one that leads nowhere, such as `tasks.clik`.
    public let path: String
    /// What is wrong, from the colon on.
    public let message: String
}

extension ConfigurationNode {
    /// The tree with the name of its document in every node, to be put into another document's tree.
    ///
    /// - Parameter file: the name error sentences give the document.
    /// - Returns: an equal tree.
    public func located(in file: String) -> ConfigurationNode {
        let located: Content =
            switch content {
            case .list(let nodes): .list(nodes.map { $0.located(in: file) })
            case .map(let entries):
                .map(
                    entries.map { entry in
                        Entry(
                            key: entry.key,
                            line: entry.line,
                            file: file,
                            value: entry.value.located(in: file)
                        )
                    }
                )
            default: content
            }
        return ConfigurationNode(
            content: located,
            text: text,
            line: line,
            column: column,
            file: file
        )
    }

    /// The tree with another value at a place.
    ///
    /// A key leads into a map, or in a list to the element whose `name` it is. Maps on the way that are
    /// missing are made. The value `null` removes what is there.
    ///
    /// - Parameters:
    ///   - path: the keys that lead to the place, such as `training`, `weighting`.
    ///   - value: the new value.
    ///   - line: the line new keys get, from 1; 0 if they come from no document.
    ///   - file: the document of new keys.
    /// - Returns: the changed tree.
    /// - Throws: ``ConfigurationEditError`` when the path leads into a single value, or to no element.
    public func setting(
        _ path: [String],
        to value: ConfigurationNode,
        line: Int = 0,
        file: String? = nil
    ) throws(ConfigurationEditError) -> ConfigurationNode {
        try edited(path[...], value, Place(line: line, file: file), "")
    }

    private struct Place {
        let line: Int
        let file: String?
    }

    private func edited(
        _ path: ArraySlice<String>,
        _ value: ConfigurationNode,
        _ place: Place,
        _ walked: String
    ) throws(ConfigurationEditError) -> ConfigurationNode {
        guard let key = path.first else { return value }
        let here = walked.isEmpty ? key : "\(walked).\(key)"
        switch content {
        case .map(let entries):
            return try edited(entries, key, path.dropFirst(), value, place, here)
        case .null: return try edited([], key, path.dropFirst(), value, place, here)
        case .list(let nodes):
            let names = nodes.map { node in
                if case .string(let name) = node["name"]?.content { name } else { "" }
            }
            guard let index = names.firstIndex(of: key) else {
                throw ConfigurationEditError(
                    path: here,
                    message: "no element has this name; expected one of \(names); received "
                        + "`\(key)`."
                )
            }
            var changed = nodes
            let made = try nodes[index].edited(path.dropFirst(), value, place, here)
            if path.count == 1, value.content == .null {
                changed.remove(at: index)
            } else {
                changed[index] = made
            }
            return replacing(.list(changed))
        default:
            throw ConfigurationEditError(
                path: here,
                message: "leads into a single value; expected a map, or a list of elements with a "
                    + "`name`; received \(received)."
            )
        }
    }

    private func edited(
        _ entries: [Entry],
        _ key: String,
        _ rest: ArraySlice<String>,
        _ value: ConfigurationNode,
        _ place: Place,
        _ here: String
    ) throws(ConfigurationEditError) -> ConfigurationNode {
        var changed = entries
        guard let index = entries.firstIndex(where: { $0.key == key }) else {
            guard value.content != .null else { return self }
            let empty = ConfigurationNode(
                content: .map([]),
                text: "",
                line: place.line,
                column: 0,
                file: place.file
            )
            let made = try empty.edited(rest, value, place, here)
            changed.append(Entry(key: key, line: place.line, file: place.file, value: made))
            return replacing(.map(changed))
        }
        let old = entries[index]
        let made = try old.value.edited(rest, value, place, here)
        if rest.isEmpty, value.content == .null {
            changed.remove(at: index)
        } else if rest.isEmpty {
            changed[index] = Entry(key: key, line: place.line, file: place.file, value: made)
        } else {
            changed[index] = Entry(key: key, line: old.line, file: old.file, value: made)
        }
        return replacing(.map(changed))
    }

    private func replacing(_ content: Content) -> ConfigurationNode {
        ConfigurationNode(content: content, text: text, line: line, column: column, file: file)
    }
}
