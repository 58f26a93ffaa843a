import HTTPTypes
import MotetCore
import NIOCore

/// What the admin routes do: they change which model answers.
struct AdminRoutes: Sendable {
    let models: ModelStore
    let manager: ModelManager
    /// The secret they need; nil on a port of their own.
    let token: AdminToken?
    let limits: ServingSettings.Limits

    /// The routes.
    var routes: [Route] {
        [
            Route(
                .get,
                "/admin/models",
                name: "admin_models",
                documentation("Which model answers, and which one is kept.")
            ) {
                try token?.check($0)
                return answer
            },
            Route(
                .post,
                "/admin/reload",
                name: "admin_reload",
                documentation(
                    "Reads a run, warms it, and lets it answer; no request fails meanwhile.",
                    request: { _ in Self.reloadRequest },
                    failures: RouteDocumentation.bodyFailures + [
                        Self.conflict,
                        RouteDocumentation.failure(
                            .unprocessableContent,
                            "The run cannot be served; the model before goes on."
                        ),
                    ]
                )
            ) { request in
                try token?.check(request)
                try await reload(request)
                return answer
            },
            Route(
                .post,
                "/admin/rollback",
                name: "admin_rollback",
                documentation("Lets the model before answer again.", failures: [Self.conflict])
            ) { request in
                try token?.check(request)
                _ = try await manager.rollBack()
                return answer
            },
        ]
    }

    private static let reloadRequest: JSONValue = [
        "type": "object", "additionalProperties": false,
        "properties": ["run": ["type": "string", "minLength": 1, "maxLength": 4096]],
    ]

    private static let conflict = RouteDocumentation.failure(
        .conflict,
        "Another change goes on, or there is nothing to go back to."
    )

    private func documentation(
        _ summary: String,
        request: (@Sendable (RunColumns) -> JSONValue)? = nil,
        failures: [RouteDocumentation.Reply] = []
    ) -> RouteDocumentation {
        RouteDocumentation(
            summary: summary,
            request: request,
            allowsNoBody: true,
            success: { _ in
                [
                    "type": "object", "required": ["model", "previous"],
                    "additionalProperties": false,
                    "properties": [
                        "model": ["type": ["string", "null"]],
                        "previous": ["type": ["string", "null"]],
                    ],
                ]
            },
            failures: failures + (token == nil ? [] : [RouteDocumentation.unauthorized])
        )
    }

    private var answer: Answer {
        Answer { writer in
            for (name, model) in [("model", models.current), ("previous", models.previous)] {
                writer.key(name)
                if let model { writer.text(model.version) } else { writer.null() }
            }
        }
    }

    private func reload(_ request: IncomingRequest) async throws {
        let run = try Self.run(request.body, depth: limits.jsonDepth)
        do {
            try await manager.load(run)
        } catch let error as any ReportableError {
            throw RequestError(
                .unprocessableContent,
                error.code.rawValue,
                field: run == nil ? nil : "run",
                message: error.description
            )
        }
    }

    /// The run a body names; nil for the server's own.
    private static func run(_ body: ByteBuffer, depth: Int) throws(RequestError) -> String? {
        guard body.readableBytes > 0 else { return nil }
        let bytes = Array(body.readableBytesView)
        let value = try parsed(bytes, depth)
        guard case .object(let members) = value else {
            throw .wrongType("body", expected: "an object", value)
        }
        var run: String?
        for member in members {
            guard member.key == "run" else {
                throw RequestError(
                    .badRequest,
                    "unknown_field",
                    field: member.key.shortened,
                    message: "\(member.key.shortened): there is no such field; expected `run`."
                )
            }
            guard case .text(let path) = member.value else {
                throw .wrongType("run", expected: "a path", member.value)
            }
            guard (1...4096).contains(path.unicodeScalars.count) else {
                throw RequestError(
                    .badRequest,
                    "out_of_range",
                    field: "run",
                    message:
                        "run: the path has a wrong length; expected from 1 to 4096 characters; "
                        + "received \(path.unicodeScalars.count)."
                )
            }
            run = path
        }
        return run
    }

    private static func parsed(_ bytes: [UInt8], _ depth: Int) throws(RequestError) -> JSONValue {
        let result: Result<JSONValue, RequestError> = bytes.withUnsafeBufferPointer { bytes in
            do throws(RequestError) {
                return .success(try JSONParser.parse(bytes, maximumDepth: depth))
            } catch { return .failure(error) }
        }
        return try result.get()
    }
}
