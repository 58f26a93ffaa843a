import HTTPTypes
import MotetExperiments

/// The OpenAPI 3.1 document of a port, made of its routes and the columns of the run.
enum OpenAPIDocument {
    /// Makes the document.
    ///
    /// - Parameters:
    ///   - routes: the routes of the port.
    ///   - run: the columns and tasks of the model that answers.
    /// - Returns: the document.
    static func document(_ routes: [Route], _ run: RunColumns) -> JSONValue {
        var paths: [JSONMember] = []
        for route in routes {
            let operation = JSONMember(
                key: route.method.rawValue.lowercased(),
                value: operation(route, run)
            )
            if let index = paths.firstIndex(where: { $0.key == route.path }),
                case .object(let others) = paths[index].value
            {
                paths[index].value = .object(others + [operation])
            } else {
                paths.append(JSONMember(key: route.path, value: .object([operation])))
            }
        }
        return [
            "openapi": "3.1.0",
            "info": [
                "title": "Motet", "version": .text(MotetVersion.current),
                "description":
                    "A trained run behind HTTP. Column names are those of its training files.",
            ],
            "paths": .object(paths),
            "components": ["schemas": ["Error": error], "headers": headers],
        ]
    }

    /// The body of every answer that is no success.
    private static let error: JSONValue = [
        "type": "object", "required": ["error"], "additionalProperties": false,
        "properties": [
            "error": [
                "type": "object", "required": ["code", "field", "message"],
                "additionalProperties": false,
                "properties": [
                    "code": ["type": "string", "pattern": "^[a-z0-9_]+$"],
                    "field": ["type": ["string", "null"]],
                    "message": ["type": "string", "minLength": 1],
                ],
            ]
        ],
    ]

    private static let headers: JSONValue = [
        "X-Request-Id": [
            "description":
                "The identity of the request: the client's, if it is a short plain word.",
            "required": true,
            "schema": ["type": "string", "pattern": "^[A-Za-z0-9._:-]{1,128}$"],
        ],
        "Retry-After": [
            "description": "After how many seconds it is worth trying again.",
            "schema": ["type": "integer", "minimum": 1],
        ],
        "WWW-Authenticate": [
            "description": "How the route is opened.", "required": true,
            "schema": ["const": "Bearer"],
        ],
    ]

    private static func operation(_ route: Route, _ run: RunColumns) -> JSONValue {
        let documentation = route.documentation
        var members: [JSONMember] = [
            JSONMember(key: "operationId", value: .text(route.name)),
            JSONMember(key: "summary", value: .text(documentation.summary)),
        ]
        if !documentation.parameters.isEmpty {
            members.append(
                JSONMember(
                    key: "parameters",
                    value: .array(documentation.parameters.map { parameter($0) })
                )
            )
        }
        if let request = documentation.request {
            members.append(
                JSONMember(
                    key: "requestBody",
                    value: [
                        "required": .boolean(!documentation.allowsNoBody),
                        "content": ["application/json": ["schema": request(run)]],
                    ]
                )
            )
        }
        let success = RouteDocumentation.Reply(
            status: documentation.successStatus.code,
            description: "Done.",
            schema: documentation.success(run),
            contentType: documentation.successType
        )
        let replies = ([success] + documentation.failures).map { reply in
            JSONMember(key: String(reply.status), value: response(reply))
        }
        members.append(JSONMember(key: "responses", value: .object(replies)))
        return .object(members)
    }

    private static func parameter(_ parameter: RouteDocumentation.Parameter) -> JSONValue {
        [
            "name": .text(parameter.name), "in": parameter.isOfQuery ? "query" : "path",
            "required": .boolean(!parameter.isOfQuery),
            "description": .text(parameter.description), "schema": parameter.schema,
        ]
    }

    private static func response(_ reply: RouteDocumentation.Reply) -> JSONValue {
        let headers = (["X-Request-Id"] + reply.headers).map { name in
            JSONMember(key: name, value: ["$ref": .text("#/components/headers/\(name)")])
        }
        var members = [
            JSONMember(key: "description", value: .text(reply.description)),
            JSONMember(key: "headers", value: .object(headers)),
        ]
        if reply.status != HTTPResponse.Status.noContent.code {
            let content = JSONMember(key: reply.contentType, value: ["schema": reply.schema])
            members.append(JSONMember(key: "content", value: .object([content])))
        }
        return .object(members)
    }
}
