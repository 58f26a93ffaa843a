import HTTPTypes

extension RouteTable {
    /// Routes with one more, which describes them all and itself.
    ///
    /// - Parameters:
    ///   - routes: the others.
    ///   - models: holds the model whose columns and tasks are described.
    ///   - online: the fields of requests that tell a store what is asked for; nil without a store.
    ///   - limits: what a request may be.
    ///   - ads: what requests of ads have; nil without them.
    /// - Returns: the table.
    static func describingItself(
        _ routes: [Route],
        _ models: ModelStore,
        _ online: OnlineFields?,
        _ limits: ServingSettings.Limits,
        ads: AdColumns? = nil
    ) -> RouteTable {
        let documentation = RouteDocumentation(
            summary: "This document.",
            success: { _ in ["type": "object", "required": ["openapi", "info", "paths"]] },
            failures: [
                RouteDocumentation.failure(
                    .serviceUnavailable,
                    "No model is warm yet.",
                    headers: ["Retry-After"]
                )
            ]
        )
        func description(
            _ answer: @escaping @Sendable (IncomingRequest) async throws -> Answer
        ) -> Route {
            Route(.get, "/openapi.json", name: "openapi", documentation, answer: answer)
        }
        // What describes itself is described by one that does nothing.
        let all = routes + [description { _ in Answer(body: []) }]
        let route = description { _ in
            let run = RunColumns(
                try models.warm(limits),
                online: online,
                limits: limits,
                ads: ads
            )
            var writer = JSONWriter(capacity: 1 << 14)
            writer.value(OpenAPIDocument.document(all, run))
            return Answer(body: writer.bytes)
        }
        return RouteTable(routes + [route])
    }
}

extension ModelStore {
    /// The model that answers.
    ///
    /// - Throws: `RequestError` with the status 503 before the first is warm.
    func warm(_ limits: ServingSettings.Limits) throws(RequestError) -> ServedModel {
        guard let model = current else { throw RequestError.notReady(limits) }
        return model
    }
}
