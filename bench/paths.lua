-- Asks for the lines of a file in turn, so that none is favoured.  A line is a path
-- and, after a tab, the ETag of the answer that the client already has.
local requests, turn = {}, 0

function init(args)
  for line in io.lines(args[1]) do
    local path, etag = line:match("^([^\t]*)\t?(.*)$")
    local headers = etag ~= "" and { ["If-None-Match"] = etag } or {}
    requests[#requests + 1] = wrk.format("GET", path, headers)
  end
end

function request()
  turn = turn % #requests + 1
  return requests[turn]
end
