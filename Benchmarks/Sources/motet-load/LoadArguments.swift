import Foundation

/// What is sent where, how often, and for how long.
struct LoadArguments {
    var host = "127.0.0.1"
    var port = 8080
    var path = "/"
    var method = "POST"
    var headers: [(name: String, value: String)] = []
    /// The bodies that are sent in turn.
    var bodies: [[UInt8]] = [[]]
    /// Requests a second, sent when they are due whatever the server does; nil for one after the other on each connection.
    var rate: Double?
    var connections = 1
    var seconds = 10.0
    /// How long requests are sent before any is counted.
    var warmup = 2.0
    /// Whether the report is one line of JSON.
    var isJSON = false

    static let usage = """
        usage: motet-load URL [--rate N] [--connections N] [--seconds N] [--warmup N]
                          [--method M] [--header 'Name: value']... [--body FILE | --bodies FILE] [--json]

        Sends requests to an HTTP/1.1 server and reports how long answers took. With --rate requests are sent
        when they are due, N a second, on the first free of --connections connections; a request that finds
        none free waits, and its time counts from when it was due. Without it each connection sends its next
        request when it has an answer. --body is one body for all; --bodies a file with a body on each line.
        """

    init(_ arguments: [String]) throws(LoadError) {
        var rest = arguments[...]
        func value(_ option: String) throws(LoadError) -> String {
            guard let value = rest.popFirst() else {
                throw LoadError("\(option): a value is missing.")
            }
            return value
        }
        func number(_ option: String, from least: Double) throws(LoadError) -> Double {
            let text = try value(option)
            guard let number = Double(text), number >= least, number.isFinite else {
                throw LoadError(
                    "\(option): expected a number of at least \(least); received \"\(text)\"."
                )
            }
            return number
        }
        var url: String?
        while let argument = rest.popFirst() {
            switch argument {
            case "--rate": rate = try number(argument, from: 0.001)
            case "--connections": connections = Int(try number(argument, from: 1))
            case "--seconds": seconds = try number(argument, from: 0.1)
            case "--warmup": warmup = try number(argument, from: 0)
            case "--method": method = try value(argument)
            case "--header":
                let parts = try value(argument).split(separator: ":", maxSplits: 1)
                guard parts.count == 2 else { throw LoadError("--header: expected 'Name: value'.") }
                headers.append((String(parts[0]), parts[1].trimmingCharacters(in: .whitespaces)))
            case "--body": bodies = [try Self.contents(value(argument))]
            case "--bodies":
                bodies = try Self.contents(value(argument)).split(separator: 10).map(Array.init)
                guard !bodies.isEmpty else { throw LoadError("--bodies: the file has no line.") }
            case "--json": isJSON = true
            default:
                guard !argument.hasPrefix("-"), url == nil else {
                    throw LoadError("unknown argument \"\(argument)\".\n\(Self.usage)")
                }
                url = argument
            }
        }
        guard let url, let parts = URLComponents(string: url), parts.scheme == "http",
            let name = parts.host
        else { throw LoadError("expected a URL of http.\n\(Self.usage)") }
        host = name
        port = parts.port ?? 80
        path = parts.path.isEmpty ? "/" : parts.path
        if let query = parts.percentEncodedQuery { path += "?" + query }
    }

    private static func contents(_ path: String) throws(LoadError) -> [UInt8] {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw LoadError("\"\(path)\": cannot be read.")
        }
        return Array(data)
    }
}

/// A mistake, in a sentence.
struct LoadError: Error {
    let sentence: String
    init(_ sentence: String) { self.sentence = sentence }
}
